const two = (value: number): string => String(value).padStart(2, '0')

/** `2026-11-26`, in the local zone. */
export const localDay = (iso: string): string => {
  const date = new Date(iso)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** `03:02:10`, in the local zone. */
export const localTime = (iso: string): string => {
  const date = new Date(iso)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
}

/** `UTC+01:00`: the local zone at a time. */
export const localOffset = (iso: string): string => {
  const minutes = -new Date(iso).getTimezoneOffset()
  const sign = minutes < 0 ? '-' : '+'
  return `UTC${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
}

/** A time beside another one: with its day if that is another day. */
export const localTimeBeside = (iso: string, day: string): string =>
  localDay(iso) === day ? localTime(iso) : `${localDay(iso)} ${localTime(iso)}`
