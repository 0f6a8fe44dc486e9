import { askPage, statusOf } from './ask-page.ts'
import type { HostView, Judge, Policy, Start } from './policy.ts'

/** `SetDefaults_Probe` in pkg/apis/core/v1/defaults.go. */
const PERIOD_MS = 10_000
const TIMEOUT_MS = 1000
const SUCCESS_THRESHOLD = 1
const FAILURE_THRESHOLD = 3

/** What the kubelet knows of one probe of a container. */
export interface ProbeState {
  readonly result: boolean
  readonly last?: boolean
  /** How many times in a row the last result came. */
  readonly run: number
}

/** A readiness probe is a failure at first (`newWorker`). */
export const unready: ProbeState = { result: false, run: 0 }

/** `worker.doProbe`: "Success or failure is below threshold - leave the probe state unchanged." */
export const afterProbe = ({ result, last, run }: ProbeState, passed: boolean): ProbeState => {
  const inARow = last === passed ? run + 1 : 1
  const isEnough = inARow >= (passed ? SUCCESS_THRESHOLD : FAILURE_THRESHOLD)
  return { result: isEnough ? passed : result, last: passed, run: inARow }
}

const startKubelet = (host: HostView, how: Start): Judge => {
  const { clock, random } = host
  let hasStarted = how !== 'new'
  let readiness: ProbeState = how === 'new' ? unready : { result: true, last: true, run: 1 }

  /** 200 to 399 within the timeout (`DoHTTPProbe` in pkg/probe/http/http.go). */
  const probe = async (): Promise<void> => {
    const status = statusOf(await askPage(host, 'home', { timeoutMs: TIMEOUT_MS }))
    const passed = status !== undefined && status >= 200 && status < 400
    // the startup probe holds the other one back, and ends with its first success
    if (hasStarted) readiness = afterProbe(readiness, passed)
    else hasStarted = passed
  }

  let next: Disposable
  const tick = () => {
    next = clock.after(PERIOD_MS, tick)
    void probe()
  }
  // after its own start, the kubelet waits for a random part of the period (`worker.run`)
  next = clock.after(PERIOD_MS * random(), tick)
  return {
    probe: () => (readiness.result ? 200 : 503),
    end: () => next[Symbol.dispose](),
  }
}

/**
 * Kubernetes: the kubelet's prober (pkg/kubelet/prober/worker.go at 61ecc560) with a startup and a readiness probe of the
 * home page, all values at their defaults but the startup probe's failure threshold, which is never reached: a container is
 * not restarted here.
 */
export const kubernetes: Policy = { name: 'kubernetes', start: startKubelet }
