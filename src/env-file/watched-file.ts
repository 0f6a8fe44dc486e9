import { readText, stampFile } from './read-text.ts'
import type { FileFault, FileStamp } from './read-text.ts'

export type WatchedAnswer<Content> =
  | { readonly ok: true; readonly content: Content; readonly stamp: FileStamp }
  | { readonly ok: false; readonly fault: FileFault }

/** A file that is asked for again and again. */
export interface WatchedFile<Content> {
  /** Costs one stat while the file has not changed. Never throws. Callers at the same time share one reading. */
  read(): Promise<WatchedAnswer<Content>>
}

/** File systems count time in steps of up to two seconds: a younger file may change again and bear the same stamp. */
export const SETTLING_MS = 2000

/** Reads a file anew when it has been written, replaced, or had its rights changed, and parses it then only. */
export const watchFile = <Content>(
  path: string,
  parse: (text: string) => Content | Promise<Content>,
  options: { readonly wallClock?: () => number } = {},
): WatchedFile<Content> => {
  const { wallClock = Date.now } = options
  let last: (WatchedAnswer<Content> & { readonly ok: true }) | undefined
  let underWay: Promise<WatchedAnswer<Content>> | undefined

  const refresh = async (): Promise<WatchedAnswer<Content>> => {
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

  // A file system that hangs holds one thread for each reading under way, of four: never start a second one.
  const read = (): Promise<WatchedAnswer<Content>> => {
    underWay ??= refresh().finally(() => {
      underWay = undefined
    })
    return underWay
  }
  return { read }
}
