import { html } from '../html.ts'
import type { Html } from '../html.ts'

const MOST_LENGTH = 4000

const textOf = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)
  return text.length > MOST_LENGTH ? `${text.slice(0, MOST_LENGTH)} … (${text.length} characters)` : text
}

/** What a check has seen, to unfold. */
export const evidence = (name: string, seen: object): Html =>
  html`<details id="evidence-${name}">
    <summary>Evidence <span class="hidden">of ${name}</span></summary>
    <dl class="evidence">
      ${Object.entries(seen).map(
        ([member, value]) =>
          html`<div>
            <dt>${member}</dt>
            <dd><bdi>${textOf(value)}</bdi></dd>
          </div>`,
      )}
    </dl>
  </details>`
