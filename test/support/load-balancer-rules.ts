/** How a balancer asks its targets. Times are milliseconds of this machine's clock: scale them before. */
export interface HealthCheck {
  readonly kind: 'classic' | 'application'
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
}

/** `initial`: registered, and neither in service nor found unhealthy yet. */
export type Health = 'initial' | 'healthy' | 'unhealthy'

export interface TargetState {
  readonly health: Health
  readonly passesInARow: number
  readonly failuresInARow: number
}

export const registered: TargetState = { health: 'initial', passesInARow: 0, failuresInARow: 0 }

/**
 * What one more answer makes of a target.
 *
 * Application: "After your target is registered, it must pass one health check to be considered healthy"; the healthy
 * threshold is "required before considering an unhealthy target healthy" (ELB user guide for Application Load Balancers,
 * "Health checks for Application Load Balancer target groups").
 *
 * Classic: an instance comes into service after `healthyThreshold` passes in a row, the first time as well (user guide for
 * Classic Load Balancers, "Health checks for the instances for your Classic Load Balancer").
 *
 * Both: out of service after `unhealthyThreshold` failures in a row.
 */
export const afterProbe = (
  state: TargetState,
  passed: boolean,
  { kind, healthyThreshold, unhealthyThreshold }: HealthCheck,
): TargetState => {
  const passesInARow = passed ? state.passesInARow + 1 : 0
  const failuresInARow = passed ? 0 : state.failuresInARow + 1
  const enough = kind === 'application' && state.health === 'initial' ? 1 : healthyThreshold
  const health = passed
    ? passesInARow >= enough
      ? 'healthy'
      : state.health
    : failuresInARow >= unhealthyThreshold
      ? 'unhealthy'
      : state.health
  return { health, passesInARow, failuresInARow }
}

/**
 * Whether an answer passes. Both want 200 (an Application Load Balancer's matcher is 200 by default); a Classic one wants a
 * body to have its length: "your application must either set the Content-Length header […] or specify Transfer-Encoding
 * with a value set to 'chunked'" (same pages).
 */
export const passes = (
  answer: { readonly status: number; readonly headers: Readonly<Record<string, unknown>> },
  kind: HealthCheck['kind'],
): boolean =>
  answer.status === 200 &&
  (kind === 'application' || 'content-length' in answer.headers || 'transfer-encoding' in answer.headers)
