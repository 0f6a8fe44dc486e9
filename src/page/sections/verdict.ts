import { answerOf } from '../../core/answer.ts'
import type { Summary } from '../../status/summary.ts'
import { sentence } from '../guide.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'
import { icon } from '../icons.ts'
import { ago, clock } from '../times.ts'
import type { View } from '../view.ts'

const facts = (summary: Summary): readonly (readonly [name: string, text: string])[] =>
  (
    [
      ['Whose trouble', summary.whose],
      ['What happens next', summary.next],
      ['What to do', summary.toDo],
    ] as const
  ).flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]))

/** What an operator asks first: in service or not, whose trouble, what happens next, what to do. */
export const verdictSection = ({ document, summary, headline, now }: View): Html => {
  const { status, since, notes = [], probes } = document
  const told = facts(summary)
  const warnings = [...(probes?.lint ?? []).map(({ message }) => message), ...notes]
  return html`<section id="verdict" class="verdict ${headline.tone}" aria-labelledby="headline">
    <h1 id="headline">${icon(headline.tone)} <span>${headline.text}</span></h1>
    <p class="answer">
      The load balancer ${since === undefined ? 'gets' : 'has got'} <strong>${answerOf(status)}</strong>${
        since !== undefined && html` for ${ago(since, now)}, since ${clock(since, now)}`
      }.
    </p>
    ${
      told.length > 0 &&
      html`<dl class="facts">
        ${told.map(
          ([name, text]) =>
            html`<div>
              <dt>${name}</dt>
              <dd><bdi>${sentence(text)}</bdi></dd>
            </div>`,
        )}
      </dl>`
    }
    ${
      warnings.length > 0 &&
      html`<div class="notes" role="group" aria-label="Notes">
        ${warnings.map(warning => html`<p>${icon('warn')} <bdi>${sentence(warning)}</bdi></p>`)}
      </div>`
    }
  </section>`
}
