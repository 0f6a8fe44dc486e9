const MAX_LINES = 2
const MAX_LINE_CHARACTERS = 200

/** The first lines of text on a page, without its markup. A repeated line, such as a title, counts once. */
export const firstLines = (page: Buffer): string[] => {
  const lines = withoutMarkup(page.toString())
    .split('\n')
    .map(line => line.trim().slice(0, MAX_LINE_CHARACTERS))
    .filter(line => line !== '')
  return [...new Set(lines)].slice(0, MAX_LINES)
}

/** The element whose content is no text, if one starts at the beginning of `markup`. */
const hiddenElement = (markup: string): string | undefined => /^<(style|script)\b/.exec(markup)?.[1]

/**
 * A page with a line break in place of each tag, style and script. Time is linear in the length of the page: each search
 * starts behind the one before, and a search that failed once is not repeated.
 */
const withoutMarkup = (page: string): string => {
  const lower = page.replace(/[A-Z]+/g, letters => letters.toLowerCase())
  const neverClosed = new Set<string>()

  const endOfElement = (start: number): number | undefined => {
    const element = hiddenElement(lower.slice(start, start + '<script>'.length))
    if (element === undefined || neverClosed.has(element)) return undefined
    const close = `</${element}>`
    const at = lower.indexOf(close, start)
    if (at >= 0) return at + close.length
    neverClosed.add(element)
    return undefined
  }

  const parts: string[] = []
  let from = 0
  for (let start = page.indexOf('<'); start >= 0; start = page.indexOf('<', from)) {
    const endOfTag = page.indexOf('>', start) + 1
    // nothing that follows is markup
    if (endOfTag === 0) break
    parts.push(page.slice(from, start))
    from = endOfElement(start) ?? endOfTag
  }
  return [...parts, page.slice(from)].join('\n')
}
