import { askPage, statusOf } from './ask-page.ts'
import type { HostView, Judge, Page, Policy, Start } from './policy.ts'

/** `DefaultHealthCheckInterval` and `DefaultHealthCheckTimeout` in internal/server/service.go. */
const INTERVAL_MS = 1000
const TIMEOUT_MS = 5000

export type TargetState = 'adding' | 'healthy' | 'unhealthy'

/** `Target.HealthCheckCompleted` in internal/server/target.go: one pass admits, one failure removes. */
export const afterCheck = (state: TargetState, passed: boolean): TargetState => {
  if (passed) return 'healthy'
  return state === 'healthy' ? 'unhealthy' : state
}

const startProber = (host: HostView, { page, how }: { readonly page: Page; readonly how: Start }): Judge => {
  const { clock } = host
  // `Service.UnmarshalJSON` marks all targets healthy when the proxy itself starts again
  let state: TargetState = how === 'new' ? 'adding' : 'healthy'
  let isOver = false
  let next: Disposable | undefined

  /** A ticker: checks do not overlap, and what it missed is dropped (`HealthCheck.run` in health_check.go). */
  const check = async (): Promise<void> => {
    const startedAt = clock.now()
    const status = statusOf(await askPage(host, page, { timeoutMs: TIMEOUT_MS }))
    state = afterCheck(state, status !== undefined && status >= 200 && status < 300)
    if (isOver) return
    const tookMs = clock.now() - startedAt
    next = clock.after(Math.max(INTERVAL_MS - tookMs, 0), () => void check())
  }
  void check()

  return {
    probe: () => (state === 'healthy' ? 200 : 503),
    end() {
      isOver = true
      next?.[Symbol.dispose]()
    },
  }
}

/**
 * basecamp/kamal-proxy at d929067 (v0.9.2 and 35 commits; August 2026), several targets behind one proxy: it requests
 * `/up` of each target every second, and 2xx within 5 s passes. `/up` is Rails' own page: the app has booted. Here it is a
 * page that needs neither the database nor the app's code. With one target alone, the proxy stops its checks after the first
 * pass (`LoadBalancer.updateHealthyTargets`); a fleet has several.
 */
export const kamalProxy: Policy = {
  name: 'kamal-proxy',
  start: (host, how) => startProber(host, { page: 'static', how }),
}

/** The same with `--health-check-path /`: it looks at the page that this program looks at. */
export const kamalProxyHome: Policy = {
  name: 'kamal-proxy-home',
  start: (host, how) => startProber(host, { page: 'home', how }),
}
