import type { Exchange, Outcome, Progress } from './exchange.ts'
import { TIME_IS_UP, deadlineOf } from './time-is-up.ts'

/**
 * How long a request that was given up on keeps others from being sent, in milliseconds: gunicorn kills a worker that is
 * silent for so long, and harakiri is seldom set to more.
 */
const HELD_FOR_MS = 30_000

export type Sent =
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly elapsedMs: number }
  /** The time was up; a worker may go on with the request. */
  | { readonly kind: 'timed-out'; readonly progress: Progress; readonly elapsedMs: number }
  /** Nothing was sent: an earlier request that was given up on is still with a worker. */
  | { readonly kind: 'held'; readonly heldMs: number }

/** How a request that was given up on ended after all. */
export interface LateEnd {
  readonly outcome: Outcome
  readonly elapsedMs: number
}

/**
 * Lets one request out at a time. A worker does not notice that a client has gone: a request that was given up on stays
 * with it, so the connection is kept, for the server's end of it to tell when the worker is done. Until then, or for
 * `heldForMs`, nothing else is sent: a host that is overloaded gets no second request from us on top.
 */
export interface Lane extends AsyncDisposable {
  /** Waits for the request before, sends, and waits for the outcome: all of it until `signal` is aborted. */
  send(start: () => Exchange, signal: AbortSignal): Promise<Sent>
  /** How the last request that was given up on has ended; undefined while none has. */
  lateEnd(): LateEnd | undefined
}

export const createLane = ({ heldForMs = HELD_FOR_MS } = {}): Lane => {
  let inFlight: { readonly exchange: Exchange; readonly sentAt: number } | undefined
  let lateEnd: LateEnd | undefined

  const hold = async (exchange: Exchange, { sentAt }: { readonly sentAt: number }) => {
    const timer = setTimeout(() => exchange.destroy(), heldForMs)
    const outcome = await exchange.outcome
    clearTimeout(timer)
    inFlight = undefined
    lateEnd = { outcome, elapsedMs: performance.now() - sentAt }
  }

  return {
    send: async (start, signal) => {
      using deadline = deadlineOf(signal)
      if (inFlight) {
        const { exchange, sentAt } = inFlight
        const released = await Promise.race([exchange.outcome, deadline.reached])
        if (released === TIME_IS_UP || signal.aborted)
          return { kind: 'held', heldMs: performance.now() - sentAt }
      }

      const sentAt = performance.now()
      const exchange = start()
      inFlight = { exchange, sentAt }
      const outcome = await Promise.race([exchange.outcome, deadline.reached])
      const elapsedMs = performance.now() - sentAt
      if (outcome !== TIME_IS_UP) {
        inFlight = undefined
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
      inFlight?.exchange.destroy()
      await inFlight?.exchange.outcome
    },
  }
}
