import type { Answer } from '../../core/answer.ts'
import { countsSentence, withTimes } from '../../history/sentences.ts'
import type { Entry } from '../../history/story.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'
import { strip } from '../strip.ts'
import type { Shades } from '../strip.ts'
import { clock, clockText } from '../times.ts'
import type { View } from '../view.ts'

/** More than these are to unfold. */
const MOST_RECENT = 3

const shades: Shades<Answer> = new Map([
  [503, { className: 'fail', height: 24, word: '503' }],
  [200, { className: 'pass', height: 6, word: '200' }],
])

const answerText = (answer: Answer | null): string => (answer === null ? 'no answer' : String(answer))

const changeText = ({ answerBefore, answer }: Entry): string =>
  answer === answerBefore
    ? `${answerText(answer)} kept`
    : `${answerText(answerBefore)} → ${answerText(answer)}`

const toneOf = ({ answerBefore, answer }: Entry): string => {
  if (answer === answerBefore) return 'same'
  return answer === 200 ? 'pass' : answer === 503 ? 'fail' : 'warn'
}

const entryItem = (
  entry: Entry,
  { now, isDecisive }: { readonly now: Date; readonly isDecisive: boolean },
): Html => {
  const shown = (text: string): string => withTimes(text, iso => clockText(iso, now))
  const { time, what, why, probes } = entry
  return html`<li>
    <span class="when">${clock(time, now)}</span>
    <span class="change ${toneOf(entry)}">${changeText(entry)}</span>
    <div class="what">
      <p>
        <bdi>${shown(what)}</bdi
        >${isDecisive && html` <strong class="tag">this made the answer what it is</strong>`}
      </p>
      ${why.map(text => html`<p class="why">${shown(text)}</p>`)}
      ${probes && Object.keys(probes).length > 0 && html`<p class="why">${countsSentence(probes)}</p>`}
    </div>
  </li>`
}

/** Since when the answer is what it is, and what changed just before. */
export const changesSection = ({ past, window, now }: View): Html => {
  const heading = html`<h2 id="changes-title">What changed</h2>`
  if (typeof past === 'string')
    return html`<section id="changes" aria-labelledby="changes-title">
      ${heading}
      <p class="empty">${past}</p>
    </section>`
  const { changes, decisive, stretches } = past
  const recent = changes.slice(0, MOST_RECENT)
  const told = decisive && !recent.includes(decisive) ? [...recent, decisive] : recent
  const earlier = changes.filter(entry => !told.includes(entry))
  const items = (entries: readonly Entry[]): readonly Html[] =>
    entries.map(entry => entryItem(entry, { now, isDecisive: entry === decisive }))
  return html`<section id="changes" aria-labelledby="changes-title">
    ${heading}
    <div class="card">
      ${strip(stretches.answer, { subject: 'Answers to the load balancer', id: 'answers', shades, window })}
      <p class="axis" aria-hidden="true">
        <span>${window.name} ago</span><span>answers to the load balancer</span><span>now</span>
      </p>
      ${
        told.length === 0
          ? html`<p class="empty">Nothing has changed since the history began.</p>`
          : html`<ol class="changes">
              ${items(told)}
            </ol>`
      }
      ${
        earlier.length > 0 &&
        html`<details id="earlier">
          <summary>Earlier changes</summary>
          <ol class="changes">
            ${items(earlier)}
          </ol>
        </details>`
      }
    </div>
  </section>`
}
