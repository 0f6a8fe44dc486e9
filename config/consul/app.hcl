# When to use it: Consul's DNS or a mesh routes to the app, instead of a load balancer or in addition to one. Consul then takes
# this host out while its sidecar answers 503. Copy to the local agent's /etc/consul.d/app.hcl, then run `consul reload`.
# What to change: the service's name and the app's port.

service {
  name = "app"
  port = 8080

  # For Consul, 2xx passes, 429 (which the sidecar never sends) warns, and all else is critical. The timeout is above the
  # sidecar's `deadline` (4 s). The numbers are the balancer's: in after 2 passes, out after 10 failures in 150 s.
  # A freshly started agent treats the service as critical until the first answer, which comes within 15 s. So restart the
  # agents one host at a time.
  # deregister_critical_service_after is not set: the host comes back when it passes.
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
