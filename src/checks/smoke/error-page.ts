const MAX_LINES = 2
const MAX_LINE_CHARACTERS = 200

/** The first lines of text on a page, without its markup. A repeated line, such as a title, counts once. */
export const firstLines = (page: Buffer): string[] => {
  const lines = page
    .toString()
    .replace(/<(style|script)\b.*?<\/\1>|<[^>]*>/gis, '\n')
    .split('\n')
    .map(line => line.trim().slice(0, MAX_LINE_CHARACTERS))
    .filter(line => line !== '')
  return [...new Set(lines)].slice(0, MAX_LINES)
}
