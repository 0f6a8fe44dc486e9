import type { StatusDocument } from '../status/status-document.ts'
import { pastIn } from './past.ts'
import type { Past } from './past.ts'

/** Counts of probes in it are at most so old. */
const MAX_AGE_MS = 10_000
/** Nobody looks at the page any more: it costs no memory. */
const FORGET_MS = 60_000
/** A disk that is slower does not hold up the page. */
const LIMIT_MS = 500

/** What a change in the history would change: without one, it need not be read again. */
const gistOf = ({ status, phase, since, releaseId, drain, notes, checks }: StatusDocument): string =>
  JSON.stringify([
    [status, phase, since, releaseId, drain, notes],
    Object.entries(checks).map(([name, [check]]) => [name, check.status, check.reason, check.cause]),
  ])

/**
 * Reads the history if the status document tells of a change, one read at a time. Rejects as `history` does, and with
 * ETIMEDOUT if that takes long and nothing is known from before.
 */
export const createPastReader = (
  history: () => Promise<readonly string[]>,
): ((document: StatusDocument) => Promise<Past>) => {
  let known: { readonly past: Past; readonly gist: string; readonly at: number } | undefined
  let reading: Promise<Past> | undefined
  const forgetting = setTimeout(() => (known = undefined), FORGET_MS).unref()

  const read = async (gist: string): Promise<Past> => {
    const at = performance.now()
    const past = pastIn(await history())
    known = { past, gist, at }
    return past
  }

  return async document => {
    forgetting.refresh()
    const gist = gistOf(document)
    if (known && known.gist === gist && performance.now() - known.at < MAX_AGE_MS) return known.past
    reading ??= read(gist).finally(() => (reading = undefined))
    reading.catch(() => {})
    const late = Promise.withResolvers<Past>()
    const limit = setTimeout(() => {
      if (known) late.resolve(known.past)
      else late.reject(Object.assign(new Error('the disk is slow'), { code: 'ETIMEDOUT' }))
    }, LIMIT_MS)
    try {
      return await Promise.race([reading, late.promise])
    } finally {
      clearTimeout(limit)
    }
  }
}
