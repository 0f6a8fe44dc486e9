import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 50
/** How much of what was seen last is worth reading: its end. */
const MAX_SHOWN = 2000

export interface EventuallyOptions<Seen> {
  /** What is waited for, for the error's message. */
  readonly what: string
  readonly isReached: (seen: Seen) => boolean
  readonly withinMs?: number
}

/**
 * Looks again and again until what is seen is what is waited for, and answers it. Throws, with the last that was seen,
 * where that has not come in time. A look that throws has seen nothing yet.
 */
export const eventually = async <Seen>(
  look: () => Seen | Promise<Seen>,
  { what, isReached, withinMs = 60_000 }: EventuallyOptions<Seen>,
): Promise<Seen> => {
  const until = performance.now() + withinMs
  for (;;) {
    let last: unknown
    try {
      const seen = await look()
      if (isReached(seen)) return seen
      last = seen
    } catch (error) {
      last = error
    }
    if (performance.now() > until) {
      const shown = last instanceof Error ? last.stack : JSON.stringify(last)
      throw new Error(`${what}: not in ${withinMs} ms; the last: ${shown?.slice(-MAX_SHOWN)}`)
    }
    await delay(POLL_MS)
  }
}
