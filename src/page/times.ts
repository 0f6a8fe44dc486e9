import { durationText } from '../lib/duration-text.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'

/** `26 Nov 03:14:02`, in UTC; without the day if that is today's. What is no time is shown as it is. */
export const clockText = (iso: string, now: Date): string => {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return iso
  const time = date.toISOString().slice(11, 19)
  if (date.toISOString().slice(0, 10) === now.toISOString().slice(0, 10)) return time
  const month = date.toLocaleString('en', { month: 'short', timeZone: 'UTC' })
  return `${date.getUTCDate()} ${month} ${time}`
}

/** A time as an element. */
export const clock = (iso: string, now: Date): Html =>
  html`<time datetime="${iso}">${clockText(iso, now)}</time>`

/** What is no time has no distance. */
const distance = (ms: number): string => (Number.isNaN(ms) ? 'an unknown time' : durationText(ms))

/** How long ago it was. */
export const ago = (iso: string, now: Date): string => distance(now.getTime() - new Date(iso).getTime())

/** How long until then: a time that was reached is `0s`. */
export const until = (iso: string, now: Date): string => distance(new Date(iso).getTime() - now.getTime())
