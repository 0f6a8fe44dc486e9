import type { Status } from '../../core/status.ts'
import type { CheckSummary } from '../../history/record.ts'
import { ruleSentence, withTimes } from '../../history/sentences.ts'
import type { CheckDocument } from '../../status/status-document.ts'
import { sentence } from '../guide.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'
import { icon } from '../icons.ts'
import type { Stretch } from '../stretches.ts'
import { strip } from '../strip.ts'
import type { Shades } from '../strip.ts'
import { ago, clockText } from '../times.ts'
import type { View } from '../view.ts'
import { evidence } from './evidence.ts'

const shades: Shades<Status> = new Map([
  ['fail', { className: 'fail', height: 24, word: 'fail' }],
  ['unknown', { className: 'unknown', height: 18, word: 'unknown' }],
  ['warn', { className: 'warn', height: 12, word: 'warn' }],
  ['pass', { className: 'pass', height: 6, word: 'pass' }],
])

interface Told {
  readonly name: string
  readonly check: CheckDocument
  readonly summary: CheckSummary | undefined
  readonly stretches: readonly Stretch<Status>[]
}

const row = (name: string, content: Html | string): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${content}</dd>
  </div>`

/** What a finding counts as in the verdict, and by which rule. */
const countsAs = ({ check, summary }: Told, now: Date): Html | undefined => {
  const { effect, because, status, cause, heldUntil } = check
  if (effect === undefined && because === undefined) return undefined
  const rule =
    because &&
    ruleSentence(because, {
      first: {
        ...summary,
        ...(effect && { effect }),
        ...(cause && { cause }),
        ...(heldUntil !== undefined && { heldUntil }),
      },
    })
  const counts = effect ?? status
  const answer = counts === 'fail' ? '503' : '200'
  const shown = rule === undefined ? '' : `: ${withTimes(rule, iso => clockText(iso, now))}`
  return row('Counts as', `${counts} (${answer})${shown}`)
}

/** Why a check does not pass, and what to do. */
const reasonOf = (told: Told, { guide, now }: View): Html | undefined => {
  const { status, reason, output } = told.check
  if (status === 'pass') return undefined
  const guidance = reason === undefined ? undefined : guide.get(reason)
  return html`<div class="reason">
    <p class="message"><bdi>${output}</bdi></p>
    <dl class="facts">
      ${
        reason !== undefined &&
        row('Reason', html`<code>${reason}</code>${guidance && html` ${sentence(guidance.meaning)}`}`)
      }
      ${guidance && row('What to do', sentence(guidance.toDo))} ${countsAs(told, now)}
    </dl>
  </div>`
}

const metaOf = ({ check, summary, stretches }: Told, now: Date): Html => {
  const latest = stretches.at(-1)
  const since = latest?.state === check.status ? new Date(latest.from).toISOString() : undefined
  const parts = [
    summary?.type,
    summary && (summary.required ? 'required' : 'optional'),
    since !== undefined && html`${check.status} for ${ago(since, now)}`,
    check.time === undefined ? 'never ran' : html`looked ${ago(check.time, now)} ago`,
    check.observedValue !== undefined && `took ${check.observedValue} ms`,
  ].filter(part => part !== undefined && part !== false)
  return html`<p class="meta">
    ${parts.map((part, i) => (i === 0 ? part : html` <span aria-hidden="true">${'·'}</span> ${part}`))}
  </p>`
}

const checkItem = (told: Told, view: View): Html => {
  const { name, check, stretches } = told
  return html`<li class="check ${check.status}" id="check-${name}">
    <div class="head">
      <h3><bdi>${name}</bdi></h3>
      <p class="status ${check.status}">${icon(check.status)} ${check.status}</p>
      ${metaOf(told, view.now)}
    </div>
    ${strip(stretches, { subject: name, id: `strip-${name}`, shades, window: view.window })}
    ${reasonOf(told, view)} ${check.evidence && evidence(name, check.evidence)}
  </li>`
}

/** Each check, in the order of the configuration: its state, the strip of it, its reason and the next step. */
export const checksSection = (view: View): Html => {
  const { document, past, window } = view
  const known = typeof past === 'string' ? undefined : past
  const entries = Object.entries(document.checks)
  const passing = entries.filter(([, [{ status }]]) => status === 'pass').length
  return html`<section id="checks" aria-labelledby="checks-title">
    <h2 id="checks-title">Checks <span class="count">${passing} of ${entries.length} pass</span></h2>
    <p class="legend" aria-hidden="true">
      <span>last ${window.name}:</span>
      ${Array.from(shades.values())
        .toReversed()
        .map(({ className, word }) => html`<span class="key ${className}">${word}</span>`)}
    </p>
    <ul class="checks">
      ${entries.map(([name, [check]]) =>
        checkItem(
          {
            name,
            check,
            summary: known?.summaries.get(name),
            stretches: known?.stretches.checks.get(name) ?? [],
          },
          view,
        ),
      )}
    </ul>
  </section>`
}
