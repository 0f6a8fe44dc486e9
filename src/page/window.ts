const MINUTE_MS = 60_000

/** The time that all strips of a page show. Milliseconds since 1970. */
export interface Window {
  readonly from: number
  readonly to: number
  /** `24 hours` */
  readonly name: string
}

const lengths = [
  [5 * MINUTE_MS, '5 minutes'],
  [15 * MINUTE_MS, '15 minutes'],
  [60 * MINUTE_MS, '60 minutes'],
  [6 * 60 * MINUTE_MS, '6 hours'],
] as const
const day = [24 * 60 * MINUTE_MS, '24 hours'] as const

/** A day; of a younger history, the shortest time that shows all of it. */
export const windowAt = (now: Date, beganAt: number | undefined): Window => {
  const to = now.getTime()
  const ageMs = to - (beganAt ?? to)
  const [lengthMs, name] = lengths.find(([ms]) => ms >= ageMs) ?? day
  return { from: to - lengthMs, to, name }
}
