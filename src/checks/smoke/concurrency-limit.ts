import { TIME_IS_UP, deadlineOf } from '../../lib/deadline.ts'
import type { SmokeClock } from './clock.ts'
import type { Exchange, Outcome, Progress } from './exchange.ts'

/**
 * How long a request that was given up on counts against the limit, in milliseconds. gunicorn kills a worker that is
 * silent for this long, and harakiri is seldom set to more.
 */
const GIVEN_UP_FOR_MS = 30_000

/**
 * How many requests that were given up on may stay with workers. With a limit of one, a single stuck worker would keep a
 * host out although all others serve. The second request tells the two apart.
 */
const MAX_GIVEN_UP = 2

export type Sent =
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly elapsedMs: number }
  /** The time was up. A worker may go on with the request. */
  | { readonly kind: 'timed-out'; readonly progress: Progress; readonly elapsedMs: number }
  /** Nothing was sent, because the limit is reached. The oldest request was sent this long ago. */
  | { readonly kind: 'not-sent'; readonly oldestMs: number }

/** How a request that was given up on ended after all. */
export interface LateEnd {
  readonly outcome: Outcome
  readonly elapsedMs: number
}

/**
 * Sends one request at a time, beside at most `maxGivenUp` requests that were given up on. A worker does not notice that
 * a client has gone, so it keeps such a request. The connection stays open until the server ends it: that shows when
 * the worker is done. Until then, or for `givenUpForMs`, the request counts against the limit. So an overloaded host gets
 * no more than `maxGivenUp` requests from us on top of its load.
 */
export interface ConcurrencyLimit extends AsyncDisposable {
  /** Waits for a free place, sends, and waits for the outcome. All of it ends when `signal` is aborted. */
  send(start: () => Exchange, signal: AbortSignal): Promise<Sent>
  /** How the last request that was given up on ended; undefined while none has. */
  lateEnd(): LateEnd | undefined
}

export const createConcurrencyLimit = ({
  clock,
  givenUpForMs = GIVEN_UP_FOR_MS,
  maxGivenUp = MAX_GIVEN_UP,
}: {
  readonly clock: SmokeClock
  readonly givenUpForMs?: number
  readonly maxGivenUp?: number
}): ConcurrencyLimit => {
  /** The requests that have not ended, as far as is known, and when they were sent. */
  const open = new Map<Exchange, number>()
  let lateEnd: LateEnd | undefined

  const keep = async (exchange: Exchange, { sentAt }: { readonly sentAt: number }) => {
    using _timer = clock.after(givenUpForMs, () => exchange.destroy())
    const outcome = await exchange.outcome
    open.delete(exchange)
    lateEnd = { outcome, elapsedMs: clock.now() - sentAt }
  }

  return {
    send: async (start, signal) => {
      using deadline = deadlineOf(signal)
      if (open.size >= maxGivenUp) {
        const oldestAt = Math.min(...open.values())
        const outcomes = Array.from(open.keys(), ({ outcome }) => outcome)
        const ended = await Promise.race([...outcomes, deadline.reached])
        if (ended === TIME_IS_UP || signal.aborted)
          return { kind: 'not-sent', oldestMs: clock.now() - oldestAt }
      }

      const sentAt = clock.now()
      const exchange = start()
      open.set(exchange, sentAt)
      const outcome = await Promise.race([exchange.outcome, deadline.reached])
      const elapsedMs = clock.now() - sentAt
      if (outcome !== TIME_IS_UP) {
        open.delete(exchange)
        return { kind: 'ended', outcome, elapsedMs }
      }

      const progress = exchange.progress()
      void keep(exchange, { sentAt })
      // no worker has a request that was not sent
      if (progress === 'resolving' || progress === 'connecting') exchange.destroy()
      return { kind: 'timed-out', progress, elapsedMs }
    },
    lateEnd: () => lateEnd,
    [Symbol.asyncDispose]: async () => {
      for (const exchange of open.keys()) exchange.destroy()
      await Promise.all(Array.from(open.keys(), ({ outcome }) => outcome))
    },
  }
}
