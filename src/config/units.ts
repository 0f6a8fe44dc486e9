import ms from 'ms'

const DURATION = /^\d+(\.\d+)?(ms|s|m|h|d)$/
const SIZE = /^(\d+)(B|KiB|MiB|GiB)$/
const bytesIn = new Map([
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
])

const isDuration = (text: string): text is ms.StringValue => DURATION.test(text)

/** Milliseconds of a duration such as `500ms`, `2s` or `1.5h`; undefined if the text is not one. */
export const parseDuration = (text: string): number | undefined => (isDuration(text) ? ms(text) : undefined)

/** A duration as text, in the largest unit that gives a whole number. */
export const formatDuration = (durationMs: number): string => {
  const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 }
  const fitting = Object.entries(units).find(([, unitMs]) => durationMs > 0 && durationMs % unitMs === 0)
  return fitting ? `${durationMs / fitting[1]}${fitting[0]}` : `${durationMs}ms`
}

/** Bytes of a size such as `512B`, `64KiB` or `1MiB`; undefined if the text is not one. */
export const parseSize = (text: string): number | undefined => {
  const [, count, unit = ''] = SIZE.exec(text) ?? []
  const bytes = bytesIn.get(unit)
  return bytes && Number(count) * bytes
}
