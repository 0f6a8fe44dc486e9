import { describeError } from '../lib/describe-error.ts'
import type { Clock } from '../monitor/clock.ts'
import type { Logger } from './logger.ts'
import { createSeldom, moreText } from './seldom.ts'

/** Keeps what only watches the daemon from ending it. */
export interface Guard {
  /** Logs what `what` has thrown: where, and no message, at most one line a minute for each place. Never throws. */
  broke(what: string, error: unknown): void
  /** The same function. What it throws, or rejects with, is logged and goes no further. */
  of<Args extends readonly unknown[]>(what: string, act: (...args: Args) => unknown): (...args: Args) => void
  /** The same clock. What a callback throws is logged and goes no further. */
  clockOf(what: string): Clock
}

export const createGuard = ({ logger, clock }: { readonly logger: Logger; readonly clock: Clock }): Guard => {
  const seldom = createSeldom(clock)

  const log = (what: string, error: unknown): void => {
    const why = describeError(error)
    const unlogged = seldom.of(`${what} ${why}`)
    if (unlogged === undefined) return
    const msg = `${what} broke (${why})${moreText(unlogged)}; no answer depends on it; report it`
    logger.log('error', { event: 'observer.broke', msg, observer: what, unlogged })
  }

  const broke = (what: string, error: unknown): void => {
    try {
      log(what, error)
    } catch {
      // it is the log that broke
    }
  }

  const of: Guard['of'] =
    (what, act) =>
    (...args) => {
      try {
        const result = act(...args)
        if (result instanceof Promise) result.catch((error: unknown) => broke(what, error))
      } catch (error) {
        broke(what, error)
      }
    }

  return {
    broke,
    of,
    clockOf: what => ({
      now: () => clock.now(),
      date: () => clock.date(),
      after: (delayMs, callback) => clock.after(delayMs, of(what, callback)),
    }),
  }
}
