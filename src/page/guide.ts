import { html } from './html.ts'
import type { Html } from './html.ts'

/** What docs/reasons.md says of a reason code. */
export interface Guidance {
  readonly meaning: string
  readonly toDo: string
}

/** A row of the page: `` | `CODE` | fail | What it means. | What to do. | ``. */
const ROW = /^\| `([A-Z0-9_]+)` \| [^|]* \| (.+?) \| (.+?) \|$/gm

/** The guidance to each reason code, from the text of docs/reasons.md. */
export const guideIn = (reasons: string): ReadonlyMap<string, Guidance> =>
  new Map(
    Array.from(reasons.matchAll(ROW), ([, code = '', meaning = '', toDo = '']) => [code, { meaning, toDo }]),
  )

/** A sentence of the manual: `code` is shown as code, and of a link its words. */
export const sentence = (text: string): Html => {
  const parts = text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').split('`')
  return html`${parts.map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`
}
