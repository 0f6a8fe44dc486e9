import { html } from '../html.ts'
import type { Html } from '../html.ts'

const words = [
  [
    'pass, warn',
    'The check found what it should. A warning is worth a look, and does not take the host out.',
  ],
  ['fail', 'Proof that this host is wrong. It goes out of service until the check passes.'],
  [
    'unknown',
    'There is no proof, such as when the database is away. A host that has passed before stays as it was.',
  ],
  ['hold', 'What an unknown does to a host in service: it keeps its last known state.'],
  [
    'starting',
    'A new release has not passed yet. It must pass several rounds in a row before the first 200.',
  ],
  [
    'draining',
    'Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.',
  ],
  ['200, 503', 'What the load balancer gets: send this host traffic, or do not.'],
] as const

/** What the words of the page mean. */
export const wordsSection: Html = html`<details id="words">
  <summary>What the words mean</summary>
  <dl class="facts">
    ${words.map(
      ([word, meaning]) =>
        html`<div>
          <dt>${word}</dt>
          <dd>${meaning}</dd>
        </div>`,
    )}
  </dl>
</details>`
