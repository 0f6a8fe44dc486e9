import { boundFinding } from '../core/bound-finding.ts'
import type { Check, RunRequest } from '../core/check.ts'
import { statuses } from '../core/status.ts'
import type { Finding } from '../core/finding.ts'
import { describeError } from '../lib/describe-error.ts'
import type { Clock } from './clock.ts'

/** How long a check may take to answer for itself after its signal was aborted, in milliseconds. */
export const GRACE_MS = 100

/** Runs one check. */
export interface CheckRunner {
  /** Runs it once. Never rejects. */
  run(request: RunRequest): Promise<Finding>
}

export interface RunnerEvents {
  /** A run has not ended although its time is up. Its finding will be dropped. */
  abandoned(run: { readonly runningForMs: number }): void
  /** An abandoned run has ended at last. */
  returned(run: { readonly runningForMs: number }): void
}

/**
 * Runs one check, so that it always answers in time. Whatever the check does (throws, hangs, ignores its signal), there is a
 * finding within `timeoutMs` plus a short grace. A run that takes longer is abandoned, and no other starts until it ends.
 */
export const createCheckRunner = (
  check: Check,
  options: {
    readonly timeoutMs: number
    readonly clock: Clock
    /** Aborted when the program stops: runs in flight end early. */
    readonly stop: AbortSignal
    readonly events: RunnerEvents
  },
): CheckRunner => {
  const { timeoutMs, clock, stop, events } = options
  let abandonedSince: number | undefined

  const bounded = async (request: RunRequest): Promise<Finding> => {
    const startedAt = clock.now()
    const controller = new AbortController()
    const { promise, resolve } = Promise.withResolvers<Finding>()
    let timer = clock.after(timeoutMs, () => {
      controller.abort(new DOMException('timed out', 'TimeoutError'))
      // counted from here: after a stall of this program the check has had no moment to answer for itself
      timer = clock.after(GRACE_MS, () => {
        // one turn more: a stall of this program can use up the grace as well
        timer = clock.after(0, abandon)
      })
    })
    const abandon = () => {
      abandonedSince = startedAt
      events.abandoned({ runningForMs: clock.now() - startedAt })
      resolve(timedOut(timeoutMs))
    }
    const abort = () => controller.abort(stop.reason)
    stop.addEventListener('abort', abort)
    const listen = async () => {
      const finding = await answerOf(() => check.run(controller.signal, request))
      // not AbortSignal.any(): it would leave a listener on `stop` for each run, for as long as the program lives
      stop.removeEventListener('abort', abort)
      if (abandonedSince === startedAt) {
        abandonedSince = undefined
        events.returned({ runningForMs: clock.now() - startedAt })
      }
      resolve(finding)
    }
    void listen()
    try {
      return await promise
    } finally {
      timer[Symbol.dispose]()
    }
  }

  return {
    run: async request =>
      abandonedSince === undefined ? bounded(request) : overran(clock.now() - abandonedSince),
  }
}

/** The check's own finding. A check that breaks proves nothing. Never rejects. */
const answerOf = async (run: () => Promise<Finding>): Promise<Finding> => {
  try {
    const finding: Finding | undefined = await run()
    return statuses.some(status => status === finding?.status)
      ? boundFinding(finding)
      : broke('it gave no finding')
  } catch (error) {
    return broke(describeError(error))
  }
}

const broke = (what: string): Finding => ({
  status: 'unknown',
  reason: 'CHECK_BROKE',
  message: `the check itself broke (${what}); this is a defect of health-sidecar, not of the app`,
})

const timedOut = (timeoutMs: number): Finding => ({
  status: 'unknown',
  reason: 'CHECK_TIMED_OUT',
  message: `no answer within ${timeoutMs} ms, nor after the signal to stop`,
})

const overran = (runningForMs: number): Finding => ({
  status: 'unknown',
  reason: 'CHECK_OVERRAN',
  message: `an abandoned run is still in flight after ${Math.round(runningForMs / 1000)} s; no other run starts until it ends`,
})
