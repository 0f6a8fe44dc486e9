import { parseDuration } from '../config/units.ts'

const DAY_MS = 86_400_000

/** `HH:MM[:SS]`: the latest one that has been. */
const timeOfDay = (text: string, now: Date): Date | undefined => {
  const [whole, hours = '', minutes = '', seconds = '0'] = /^(\d\d?):(\d\d)(?::(\d\d))?$/.exec(text) ?? []
  if (whole === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59)
    return undefined
  const on = (day: Date) =>
    new Date(
      day.getFullYear(),
      day.getMonth(),
      day.getDate(),
      Number(hours),
      Number(minutes),
      Number(seconds),
    )
  const today = on(now)
  return today <= now ? today : on(new Date(now.getTime() - DAY_MS))
}

/** A date, with a time or without; without a zone, in the local one. */
const dated = (text: string): Date | undefined => {
  const [whole, day, time] = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d.*))?$/.exec(text) ?? []
  if (whole === undefined) return undefined
  const date = new Date(`${day}T${time ?? '00:00'}`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/**
 * A time that has been: `10m` or `10m ago`, `03:14[:02]`, `2026-11-26T03:14:02Z` or without its time or zone, which is then the
 * local one. Undefined if it is none of these. `now` is the wall clock's.
 */
export const pointInTime = (text: string, now: Date): Date | undefined => {
  const trimmed = text.trim()
  const agoMs = parseDuration(trimmed.replace(/ +ago$/, ''))
  return agoMs === undefined ? (timeOfDay(trimmed, now) ?? dated(trimmed)) : new Date(now.getTime() - agoMs)
}
