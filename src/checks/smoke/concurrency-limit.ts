import { TIME_IS_UP, deadlineOf } from '../../lib/deadline.ts'
import type { SmokeClock } from './clock.ts'
import type { Exchange, Outcome, Stage } from './exchange.ts'

/**
 * How many requests that were given up on may stay with workers. With a limit of one, a single stuck worker would keep a
 * host out although all others serve. The second request tells the two apart.
 */
const MAX_GIVEN_UP = 2

/** The stages of an exchange before a byte of the request is sent. */
const unsent: ReadonlySet<Stage> = new Set(['resolving', 'connecting', 'securing'])

export type Sent =
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly elapsedMs: number }
  /** The time was up. A worker may go on with the request. */
  | { readonly kind: 'timed-out'; readonly stage: Stage; readonly elapsedMs: number }
  /** Nothing was sent, because the limit is reached. The oldest request was sent this long ago. */
  | { readonly kind: 'not-sent'; readonly oldestMs: number }

/** How a request that was given up on ended after all. */
export interface LateEnd {
  readonly outcome: Outcome
  readonly elapsedMs: number
  /** Whether it counted against the limit until then. */
  readonly isCounted: boolean
}

export interface SendOptions {
  readonly signal: AbortSignal
  /** Called if the server ends the request after `signal` was aborted. */
  readonly onLateEnd: (end: LateEnd) => void
}

/**
 * Sends one request at a time, beside at most `maxGivenUp` requests that were given up on. A worker does not notice that
 * a client has gone, so it keeps such a request. The connection stays open until the server ends it, for `keptForMs` at
 * most: that shows when the worker is done. Until then, the request counts against the limit, but for no longer than
 * `givenUpForMs` says at the moment when it is given up on. So in any such time an overloaded host gets no more than
 * `maxGivenUp` requests from us on top of its load.
 */
export interface ConcurrencyLimit extends AsyncDisposable {
  /** Waits for a free place, sends, and waits for the outcome. All of it ends when the signal is aborted. */
  send(start: () => Exchange, options: SendOptions): Promise<Sent>
}

export const createConcurrencyLimit = ({
  clock,
  givenUpForMs,
  keptForMs,
  maxGivenUp = MAX_GIVEN_UP,
}: {
  readonly clock: SmokeClock
  readonly givenUpForMs: () => number
  readonly keptForMs: number
  readonly maxGivenUp?: number
}): ConcurrencyLimit => {
  /** The requests that have not ended, as far as is known. */
  const open = new Set<Exchange>()
  /** Those that were given up on and count against the limit. */
  const counted = new Set<Counted>()

  const keep = async (exchange: Exchange, { sentAt, onLateEnd }: Given) => {
    let closedHere = false
    const close = () => {
      closedHere = true
      exchange.destroy()
    }
    // no worker has a request that was not sent
    if (unsent.has(exchange.stage())) close()
    const { promise: timeIsUp, resolve } = Promise.withResolvers<void>()
    const given: Counted = { sentAt, ended: Promise.race([exchange.outcome, timeIsUp]) }
    counted.add(given)
    using _uncount = clock.after(givenUpForMs(), () => {
      counted.delete(given)
      resolve()
    })
    using _close = clock.after(keptForMs, close)
    const outcome = await exchange.outcome
    const isCounted = counted.delete(given)
    const isOpen = open.delete(exchange)
    if (isOpen && !closedHere) onLateEnd({ outcome, elapsedMs: clock.now() - sentAt, isCounted })
  }

  return {
    send: async (start, { signal, onLateEnd }) => {
      using deadline = deadlineOf(signal)
      if (counted.size >= maxGivenUp) {
        const oldestAt = Math.min(...Array.from(counted, ({ sentAt }) => sentAt))
        const freed = await Promise.race([...Array.from(counted, ({ ended }) => ended), deadline.reached])
        if (freed === TIME_IS_UP || signal.aborted)
          return { kind: 'not-sent', oldestMs: clock.now() - oldestAt }
      }

      const sentAt = clock.now()
      const exchange = start()
      open.add(exchange)
      const outcome = await Promise.race([exchange.outcome, deadline.reached])
      const elapsedMs = clock.now() - sentAt
      if (outcome !== TIME_IS_UP) {
        open.delete(exchange)
        return { kind: 'ended', outcome, elapsedMs }
      }

      const stage = exchange.stage()
      void keep(exchange, { sentAt, onLateEnd })
      return { kind: 'timed-out', stage, elapsedMs }
    },
    [Symbol.asyncDispose]: async () => {
      const exchanges = [...open]
      open.clear()
      for (const exchange of exchanges) exchange.destroy()
      await Promise.all(exchanges.map(({ outcome }) => outcome))
    },
  }
}

interface Counted {
  readonly sentAt: number
  /** Resolves when it no longer counts. */
  readonly ended: Promise<unknown>
}

interface Given extends Pick<SendOptions, 'onLateEnd'> {
  readonly sentAt: number
}
