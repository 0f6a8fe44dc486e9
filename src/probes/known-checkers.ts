/** A health checker that is known by its User-Agent. A client can claim to be one: nothing but advice depends on it. */
export interface Checker {
  /** The name to show. What the client itself wrote is never shown. */
  readonly name: string
  readonly userAgent: RegExp
  /** Failures in a row until it takes a host out, as documented; absent if each user has to set it. */
  readonly unhealthyThreshold?: number
}

const knownCheckers: readonly Checker[] = [
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
  { name: 'ELB-HealthChecker', userAgent: /^ELB-HealthChecker\/\d/, unhealthyThreshold: 2 },
  // failures_before_critical: 0, https://developer.hashicorp.com/consul/docs/reference/service/health-check
  { name: 'Consul', userAgent: /^Consul Health Check$/, unhealthyThreshold: 1 },
  // failureThreshold, https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
  { name: 'kube-probe', userAgent: /^kube-probe\/\d/, unhealthyThreshold: 3 },
  // unhealthyThreshold, https://cloud.google.com/load-balancing/docs/health-check-concepts
  { name: 'GoogleHC', userAgent: /^GoogleHC\/\d/, unhealthyThreshold: 2 },
  // only if `http-check send` sets it; `fall`, https://docs.haproxy.org/3.0/configuration.html
  { name: 'HAProxy', userAgent: /^HAProxy\b/i, unhealthyThreshold: 3 },
  // `fails`, https://nginx.org/en/docs/http/ngx_http_upstream_hc_module.html
  { name: 'nginx', userAgent: /^nginx\/[\d.]+ \(health check\)$/, unhealthyThreshold: 1 },
  // unhealthy_threshold has no default
  { name: 'Envoy', userAgent: /^Envoy\/HC$/ },
]

/** Clients that are no balancer: they come and go as people like. */
const OTHERS = /^(?:curl|Wget|Mozilla)\b/

/** Whose a User-Agent is; `none` if it is certainly no balancer's. */
export const checkerOf = (userAgent: string | undefined): Checker | 'unknown' | 'none' => {
  if (userAgent === undefined) return 'unknown'
  if (OTHERS.test(userAgent)) return 'none'
  return knownCheckers.find(known => known.userAgent.test(userAgent)) ?? 'unknown'
}
