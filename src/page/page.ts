import { createHash } from 'node:crypto'
import { hostname, uptime } from 'node:os'
import { whyNot } from '../history/history-file.ts'
import { version } from '../lib/version.ts'
import type { StatusDocument } from '../status/status-document.ts'
import { summaryOf } from '../status/summary.ts'
import { guideIn } from './guide.ts'
import { headlineOf } from './headline.ts'
import { Html } from './html.ts'
import { ownTexts } from './own-texts.ts'
import { createPastReader } from './past-reader.ts'
import { renderPage } from './render.ts'
import type { HostFacts, View } from './view.ts'
import { windowAt } from './window.ts'

export interface PageSource {
  readonly document: () => StatusDocument
  /** The lines of the history. Rejects if it cannot be read. */
  readonly history?: () => Promise<readonly string[]>
  readonly now?: () => Date
  readonly host?: (now: Date) => HostFacts
}

/** The answer to `GET /`. */
export interface Page {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const thisHost = (now: Date): HostFacts => ({
  name: hostname(),
  bootedAt: new Date(now.getTime() - uptime() * 1000).toISOString(),
  startedAt: new Date(now.getTime() - process.uptime() * 1000).toISOString(),
  version,
  pid: process.pid,
})

const sourceOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** The page may use its own style and script, and ask its own listener: nothing else. */
const policyOf = ({ style, script }: { readonly style: string; readonly script: string }): string =>
  [
    `default-src 'none'`,
    `style-src ${sourceOf(style)}`,
    `script-src ${sourceOf(script)}`,
    `connect-src 'self'`,
    `img-src data:`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ')

/** Makes the page from what the daemon knows. It starts no check. */
export const createPage = ({
  document,
  history,
  now = () => new Date(),
  host = thisHost,
}: PageSource): (() => Promise<Page>) => {
  const { style, script, reasons } = ownTexts()
  const guide = guideIn(reasons)
  const policy = policyOf({ style, script })
  const frame = {
    style: Html.ownElement('style', style),
    script: Html.ownElement('script', script),
    edition: createHash('sha256').update(policy).update(version).digest('hex').slice(0, 16),
  }
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
  }
  const past = history && createPastReader(history)

  return async () => {
    const shown = document()
    const at = now()
    const known = past
      ? await past(shown).catch((error: unknown) => `The history cannot be read: ${whyNot(error)}.`)
      : 'There is no history.'
    const summary = summaryOf(shown, at)
    const view: View = {
      document: shown,
      summary,
      headline: headlineOf(summary, shown),
      now: at,
      host: host(at),
      past: known,
      window: windowAt(at, typeof known === 'string' ? undefined : known.beganAt),
      guide,
    }
    return { headers, body: renderPage(view, frame).toString() }
  }
}
