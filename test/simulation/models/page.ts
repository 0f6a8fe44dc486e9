import type { Outcome } from '../../../src/checks/smoke/exchange.ts'
import type { BadPage } from './app-spec.ts'
import type { Work } from './workers.ts'

/** The text by which the check knows the page. */
export const EXPECTED_TEXT = 'Welcome'

const page = (status: number, text: string, headers: { readonly [name: string]: string } = {}): Outcome => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'text/html', ...headers },
  body: Buffer.from(text),
  truncated: false,
})

export const goodPage = page(200, `<h1>${EXPECTED_TEXT}</h1>`)
export const errorPage = page(500, '<h1>Server Error (500)</h1>')

/** A worker died, or was killed, before it answered. */
export const closed: Outcome = { kind: 'closed', code: 'ECONNRESET' }

export const badPages: Readonly<Record<BadPage, Outcome>> = {
  error: errorPage,
  'cut-short': { kind: 'cut-short', code: 'ECONNRESET' },
  closed,
  'other-page': page(200, '<h1>It works!</h1>'),
  redirect: page(301, '', { location: 'https://app.example/' }),
  'bad-request': page(400, '<h1>Bad Request (400)</h1>'),
}

/** What a worker does for one page. */
export interface PageWork extends Work {
  /** How it ends; absent if the app's own fault decides when it ends. */
  readonly outcome?: Outcome
}

export const failed = (ms: number, outcome: Outcome = errorPage): PageWork => ({
  ms,
  outcome,
  isServed: false,
})
