import { isHeld } from '../../core/holds.ts'
import { commandText } from '../../lib/command-text.ts'
import { isDrainForNotice } from '../../status/summary.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'
import { ago, clock, until } from '../times.ts'
import type { View } from '../view.ts'

/** Something that goes on until an end. */
interface Countdown {
  readonly id: string
  readonly what: Html | string
  readonly told: Html | string
  /** how far it is, from 0 to 1; absent if it has no end */
  readonly done?: number
}

const shareOf = (since: string | undefined, end: string, now: Date): number => {
  const from = since === undefined ? now.getTime() : new Date(since).getTime()
  const length = new Date(end).getTime() - from
  const share = length > 0 ? (now.getTime() - from) / length : 1
  return Math.round(Math.min(1, Math.max(0, share)) * 1000) / 1000
}

const endsAt = (end: string, now: Date): Html =>
  html`ends in <strong>${until(end, now)}</strong>, at ${clock(end, now)}`

const startup = ({ document }: View): readonly Countdown[] => {
  if (!document.startup) return []
  const { rounds, needed } = document.startup
  return [
    {
      id: 'startup',
      what: 'Start',
      told: html`<strong>${rounds} of ${needed}</strong> rounds have passed in a row; the first 200 comes
        after the last`,
      done: needed > 0 ? rounds / needed : 1,
    },
  ]
}

const drain = ({ document, now }: View): readonly Countdown[] => {
  if (!document.drain) return []
  const { reason, by, since, until: end } = document.drain
  if (isDrainForNotice(document))
    return [
      { id: 'drain', what: html`Drain: <bdi>${reason}</bdi>`, told: 'lasts until that notice is withdrawn' },
    ]
  const what = html`Drain: <bdi>${reason}</bdi>${by !== undefined && html`, by <bdi>${by}</bdi>`}`
  if (end === undefined)
    return [
      {
        id: 'drain',
        what,
        told: html`lasts until <code>${commandText('resume', document.serviceId)}</code>`,
      },
    ]
  return [{ id: 'drain', what, told: endsAt(end, now), done: shareOf(since, end, now) }]
}

const lifecycle = ({ document, now }: View): readonly Countdown[] => {
  const { spot, targetState, rebalance } = document.lifecycle ?? {}
  return [
    ...(spot
      ? [
          {
            id: 'spot',
            what: html`EC2 will ${spot.action} this spot instance`,
            told:
              spot.time === undefined
                ? 'soon'
                : html`in <strong>${until(spot.time, now)}</strong>, at ${clock(spot.time, now)}`,
          },
        ]
      : []),
    ...(targetState === undefined
      ? []
      : [{ id: 'target-state', what: 'Scaling group', told: html`moves this instance to ${targetState}` }]),
    ...(rebalance === undefined
      ? []
      : [
          {
            id: 'rebalance',
            what: 'EC2 recommends to replace this instance',
            told: html`since ${clock(rebalance, now)}`,
          },
        ]),
  ]
}

const holds = ({ document, now }: View): readonly Countdown[] =>
  Object.entries(document.checks).flatMap(([name, [{ because, heldSince, heldUntil }]]) => {
    if (!isHeld(because) || heldSince === undefined) return []
    const what = html`Hold: <bdi>${name}</bdi> is unknown, and the host keeps its last known state`
    const id = `hold-${name}`
    const soFar = html`for ${ago(heldSince, now)} so far`
    return heldUntil === undefined
      ? [{ id, what, told: html`${soFar}; lasts for as long as the trouble does` }]
      : [
          {
            id,
            what,
            told: html`${soFar}; ${endsAt(heldUntil, now)}, and then the host goes out of service`,
            done: shareOf(heldSince, heldUntil, now),
          },
        ]
  })

const countdownItem = ({ id, what, told, done }: Countdown): Html =>
  html`<li id="countdown-${id}">
    <p id="what-${id}">${what}</p>
    <p class="meta">${told}</p>
    ${done !== undefined && !Number.isNaN(done) && html`<progress value="${done}" max="1" aria-labelledby="what-${id}"></progress>`}
  </li>`

/** What goes on until an end: a start, a drain, a hold, this instance. */
export const countdownsSection = (view: View): Html => {
  const countdowns = [...startup(view), ...drain(view), ...lifecycle(view), ...holds(view)]
  return html`<section id="countdowns" aria-labelledby="countdowns-title">
    <h2 id="countdowns-title">Countdowns</h2>
    <div class="card">
      ${
        countdowns.length === 0
          ? html`<p class="empty">No hold and no drain is in force.</p>`
          : html`<ul class="list">
              ${countdowns.map(countdownItem)}
            </ul>`
      }
    </div>
  </section>`
}
