const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

type Unit = readonly [name: string, ms: number]
const second: Unit = ['s', SECOND_MS]
const minute: Unit = ['m', MINUTE_MS]
const hour: Unit = ['h', HOUR_MS]
const day: Unit = ['d', DAY_MS]

/** A duration for people, to two units: `8s`, `2m10s`, `3h5m`, `3d4h`. */
export const durationText = (durationMs: number): string => {
  const ms = Math.max(0, Math.floor(durationMs / SECOND_MS) * SECOND_MS)
  const inUnits = ([big, bigMs]: Unit, [small, smallMs]: Unit): string => {
    const rest = Math.floor((ms % bigMs) / smallMs)
    return `${Math.floor(ms / bigMs)}${big}${rest > 0 ? `${rest}${small}` : ''}`
  }
  if (ms < MINUTE_MS) return `${ms / SECOND_MS}s`
  if (ms < HOUR_MS) return inUnits(minute, second)
  return ms < DAY_MS ? inUnits(hour, minute) : inUnits(day, hour)
}
