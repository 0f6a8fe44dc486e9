import { readText, stampFile } from './read-text.ts'
import type { FileFault, FileStamp } from './read-text.ts'

export type CachedAnswer<Content> =
  | { readonly ok: true; readonly content: Content; readonly stamp: FileStamp }
  | { readonly ok: false; readonly fault: FileFault }

/** A file that is read often and parsed only when it has changed. */
export interface CachedFile<Content> {
  /** Costs one stat while the file has not changed. Never throws. Concurrent callers share one read. */
  read(): Promise<CachedAnswer<Content>>
}

/** File systems count time in steps of up to two seconds. A younger file may change again and keep the same stamp. */
export const SETTLING_MS = 2000

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
    if (last && (await stampFile(path))?.id === last.stamp.id) return last
    const readAtMs = wallClock()
    const answer = await readText(path)
    last = undefined
    if (!answer.ok) return answer
    const { stamp } = answer
    const read = { ok: true, content: await parse(answer.text), stamp } as const
    if (readAtMs - stamp.changedAtMs > SETTLING_MS) last = read
    return read
  }

  // On a hung file system each read blocks one of four threads, so never start a second one.
  const read = (): Promise<CachedAnswer<Content>> => {
    inFlight ??= refresh().finally(() => {
      inFlight = undefined
    })
    return inFlight
  }
  return { read }
}
