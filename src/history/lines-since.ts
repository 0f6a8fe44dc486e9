/** How every line of a record begins. A parser for each line would take the time of many answers. */
const BEGIN = '{"time":"'
const TIME_LENGTH = '2026-11-26T03:02:10.000Z'.length

const timeIn = (line: string): string => line.slice(BEGIN.length, BEGIN.length + TIME_LENGTH)

/**
 * The lines that look like records, from the first one at a time or after it. After the clock was set back, later lines may have
 * earlier times: they belong to it.
 */
export const linesSince = (lines: readonly string[], from: Date | undefined): readonly string[] => {
  const whole = lines.filter(line => line.startsWith(BEGIN) && line.endsWith('}'))
  if (!from) return whole
  const time = from.toISOString()
  const first = whole.findIndex(line => timeIn(line) >= time)
  return first < 0 ? [] : whole.slice(first)
}
