import type { Answer, SmokeRequest } from '../../../src/checks/smoke/exchange.ts'
import { expectationOf } from '../../../src/checks/smoke/expectation.ts'
import type { Question } from '../../../src/checks/smoke/question.ts'
import { parseTarget } from '../../../src/checks/smoke/target.ts'

/** A question to this target. A judge reads it; nothing is sent. */
export const questionOf = (
  text: string,
  request: Partial<SmokeRequest> = {},
  expect: Partial<Parameters<typeof expectationOf>[0]> = {},
): Question => ({
  target: parseTarget(text),
  request: { method: 'GET', path: '/a/', host: 'shop.example', headers: {}, maxBodyBytes: 100, ...request },
  expectation: expectationOf({ status: 200, ...expect }),
  releases: { current: () => undefined, seen: undefined },
  subject: 'GET /a/',
})

export const answerOf = (
  status: number,
  {
    headers = {},
    body = '',
    truncated = false,
  }: { headers?: object; body?: string; truncated?: boolean } = {},
): Answer => ({ kind: 'answer', status, headers: { ...headers }, body: Buffer.from(body), truncated })

/** What the app did before: it has just answered. */
export const seen = {
  isRecent: true,
  silentForMs: 0,
  mayBeSilentForMs: 30_000,
  answeredAgoMs: 0,
  answeredAfterMs: undefined,
  failedLateAgoMs: undefined,
  stats: undefined,
}
