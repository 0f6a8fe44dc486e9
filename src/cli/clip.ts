const ESCAPE = '\u001b'
const SGR = new RegExp(`(${ESCAPE}\\[[0-9;]*m)`)
const RESET = `${ESCAPE}[0m`

/** The first `columns` characters of a line; escape sequences of colours take no place, and end with the line. */
export const clip = (line: string, columns: number): string => {
  let left = columns
  let clipped = ''
  for (const [i, part] of line.split(SGR).entries()) {
    if (i % 2 === 1) {
      clipped += part
      continue
    }
    const characters = Array.from(part)
    clipped += characters.slice(0, left).join('')
    left -= characters.length
    if (left < 0) return clipped + (line.includes(ESCAPE) ? RESET : '')
  }
  return clipped
}

/** At most `rows` lines; the last one counts those that do not fit. */
export const clipRows = (lines: readonly string[], rows: number): readonly string[] =>
  lines.length <= rows
    ? lines
    : [...lines.slice(0, Math.max(rows - 1, 0)), `… ${lines.length - Math.max(rows - 1, 0)} more lines`]
