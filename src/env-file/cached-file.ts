import { readText, stampFile } from './read-text.ts'
import type { FileFault } from './read-text.ts'
import { isSettled } from '../files/stamp.ts'
import type { FileStamp } from '../files/stamp.ts'

export type CachedAnswer<Content> =
  | { readonly ok: true; readonly content: Content; readonly stamp: FileStamp }
  | { readonly ok: false; readonly fault: FileFault }

/** A file that is read often and parsed only when it has changed. */
export interface CachedFile<Content> {
  /** Costs one stat while the file has not changed. Never throws. Concurrent callers share one read. */
  read(): Promise<CachedAnswer<Content>>
}

/** Re-reads and re-parses a file only after it was written or replaced, or its permissions changed. */
export const createCachedFile = <Content>(
  path: string,
  parse: (text: string) => Content | Promise<Content>,
  options: { readonly wallClock?: () => number } = {},
): CachedFile<Content> => {
  const { wallClock = Date.now } = options
  let last: (CachedAnswer<Content> & { readonly ok: true }) | undefined
  let inFlight: Promise<CachedAnswer<Content>> | undefined

  const refresh = async (): Promise<CachedAnswer<Content>> => {
    if (last) {
      const seen = await stampFile(path)
      if ('fault' in seen) return { ok: false, ...seen }
      if (seen.stamp.id === last.stamp.id) return last
    }
    const readAtMs = wallClock()
    const answer = await readText(path)
    last = undefined
    if (!answer.ok) return answer
    const { stamp } = answer
    const read = { ok: true, content: await parse(answer.text), stamp } as const
    if (isSettled(stamp, readAtMs)) last = read
    return read
  }

  const read = (): Promise<CachedAnswer<Content>> => {
    inFlight ??= refresh().finally(() => {
      inFlight = undefined
    })
    return inFlight
  }
  return { read }
}
