import { answerOf } from '../../core/answer.ts'
import { sentence } from '../guide.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'
import { icon } from '../icons.ts'
import { ago, clock } from '../times.ts'
import type { View } from '../view.ts'

/** What the manual says to do about a reason, and what the kind of trouble asks for. */
const toDoOf = ({ summary: { kind, check, toDo }, document, guide }: View): string | undefined => {
  const [found] = (check !== undefined && document.checks[check]) || []
  const guidance = found?.reason === undefined ? undefined : guide.get(found.reason)?.toDo
  if (kind === 'purpose' || kind === 'busy') return toDo
  if (kind === 'shared') return guidance === undefined ? toDo : `${guidance} Do not replace this host.`
  return guidance
}

const wrongOf = ({ summary: { check }, document }: View): string | undefined =>
  check === undefined ? undefined : `${check}: ${document.checks[check]?.[0].output ?? 'it does not pass'}`

const facts = (view: View): readonly (readonly [name: string, text: string])[] =>
  (
    [
      ['What is wrong', wrongOf(view)],
      ['Whose trouble', view.summary.whose],
      ['What happens next', view.summary.next],
      ['What to do', toDoOf(view)],
    ] as const
  ).flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]))

/** What an operator asks first: in service or not, whose trouble, what happens next, what to do. */
export const verdictSection = (view: View): Html => {
  const { document, headline, now } = view
  const { status, since, notes = [], probes } = document
  const told = facts(view)
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
