# When to use it: Consul's DNS or a mesh routes to the app, rather than (or beside) a load balancer, and shall leave this host
# out while its sidecar answers 503. A file for the local agent: /etc/consul.d/app.hcl, then `consul reload`.
# What to change: the service's name and the app's port.

service {
  name = "app"
  port = 8080

  # 2xx passes, 429 (which the sidecar never sends) would warn, all else is critical. The timeout is above the sidecar's
  # `deadline` (4 s), and the numbers are the balancer's: in after 2 passes, out after 10 failures in 150 s. An agent that has just
  # started holds the service to be critical, and then believes the first answer, which comes within 15 s: restart agents
  # one host after the other.
  # No deregister_critical_service_after: the host comes back by passing.
  check {
    id                       = "health-sidecar"
    name                     = "health-sidecar"
    http                     = "http://127.0.0.1:80/health"
    method                   = "GET"
    interval                 = "15s"
    timeout                  = "5s"
    success_before_passing   = 2
    failures_before_critical = 10
  }
}
