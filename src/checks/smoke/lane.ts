import type { Exchange, Outcome, Progress } from './exchange.ts'
import { TIME_IS_UP, deadlineOf } from '../../lib/deadline.ts'

/**
 * How long a request that was given up on keeps others from being sent, in milliseconds: gunicorn kills a worker that is
 * silent for so long, and harakiri is seldom set to more.
 */
const HELD_FOR_MS = 30_000

/**
 * How many requests that were given up on may be with workers at a time. With one alone, a single stuck worker would keep
 * a host out for as long, although all others serve: the second request is what tells the two apart.
 */
const MAX_GIVEN_UP = 2

export type Sent =
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly elapsedMs: number }
  /** The time was up; a worker may go on with the request. */
  | { readonly kind: 'timed-out'; readonly progress: Progress; readonly elapsedMs: number }
  /** Nothing was sent: as many requests as may be were given up on and are still with workers; the oldest for so long. */
  | { readonly kind: 'held'; readonly heldMs: number }

/** How a request that was given up on ended after all. */
export interface LateEnd {
  readonly outcome: Outcome
  readonly elapsedMs: number
}

/**
 * Lets one request out at a time, and few beside those that were given up on. A worker does not notice that a client has
 * gone: a request that was given up on stays with it, so the connection is kept, for the server's end of it to
 * tell when the worker is done. Until then, or for `heldForMs`, it counts: a host that is overloaded gets no more than
 * `maxGivenUp` requests from us on top.
 */
export interface Lane extends AsyncDisposable {
  /** Waits until it may, sends, and waits for the outcome: all of it until `signal` is aborted. */
  send(start: () => Exchange, signal: AbortSignal): Promise<Sent>
  /** How the last request that was given up on has ended; undefined while none has. */
  lateEnd(): LateEnd | undefined
}

export const createLane = ({ heldForMs = HELD_FOR_MS, maxGivenUp = MAX_GIVEN_UP } = {}): Lane => {
  /** Those that are not known to have ended, and when they were sent. */
  const open = new Map<Exchange, number>()
  let lateEnd: LateEnd | undefined

  const hold = async (exchange: Exchange, { sentAt }: { readonly sentAt: number }) => {
    const timer = setTimeout(() => exchange.destroy(), heldForMs)
    const outcome = await exchange.outcome
    clearTimeout(timer)
    open.delete(exchange)
    lateEnd = { outcome, elapsedMs: performance.now() - sentAt }
  }

  return {
    send: async (start, signal) => {
      using deadline = deadlineOf(signal)
      if (open.size >= maxGivenUp) {
        const heldSince = Math.min(...open.values())
        const outcomes = Array.from(open.keys(), ({ outcome }) => outcome)
        const released = await Promise.race([...outcomes, deadline.reached])
        if (released === TIME_IS_UP || signal.aborted)
          return { kind: 'held', heldMs: performance.now() - heldSince }
      }

      const sentAt = performance.now()
      const exchange = start()
      open.set(exchange, sentAt)
      const outcome = await Promise.race([exchange.outcome, deadline.reached])
      const elapsedMs = performance.now() - sentAt
      if (outcome !== TIME_IS_UP) {
        open.delete(exchange)
        return { kind: 'ended', outcome, elapsedMs }
      }

      const progress = exchange.progress()
      void hold(exchange, { sentAt })
      // no worker holds a request that was not sent
      if (progress === 'connecting') exchange.destroy()
      return { kind: 'timed-out', progress, elapsedMs }
    },
    lateEnd: () => lateEnd,
    [Symbol.asyncDispose]: async () => {
      for (const exchange of open.keys()) exchange.destroy()
      await Promise.all(Array.from(open.keys(), ({ outcome }) => outcome))
    },
  }
}
