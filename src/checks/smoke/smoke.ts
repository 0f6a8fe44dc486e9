import type { Check, CheckType } from '../../core/check.ts'
import type { Finding } from '../../core/finding.ts'
import type { CheckContext } from '../context.ts'
import { smokeSchema } from './config.ts'
import type { SmokeConfig } from './config.ts'
import type { SmokeRequest } from './exchange.ts'
import { expectationOf } from './expectation.ts'
import { exchangeOverHttp } from './http-exchange.ts'
import { judgeAnswer } from './judge-answer.ts'
import { judgeFailure, judgeTimeout } from './judge-failure.ts'
import { parseTarget } from './target.ts'
import type { Target } from './target.ts'

const DEFAULT_MAX_BODY_BYTES = 65_536

const USER_AGENT = 'health-sidecar/0.1.0'

const defaultHost = ({ endpoint, text }: Target): string =>
  'path' in endpoint ? 'localhost' : text.slice(text.indexOf('://') + 3).replace(/:80$/, '')

const requestOf = (config: SmokeConfig, target: Target): SmokeRequest => ({
  method: config.method ?? 'GET',
  path: config.path ?? '/',
  host: config.host ?? defaultHost(target),
  headers: { 'user-agent': USER_AGENT, accept: '*/*', ...lowerCased(config.headers ?? {}) },
  maxBodyBytes: config.max_body ?? DEFAULT_MAX_BODY_BYTES,
})

const lowerCased = (headers: NonNullable<SmokeConfig['headers']>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const TIME_IS_UP = Symbol('time is up')

const whenAborted = (signal: AbortSignal): Promise<typeof TIME_IS_UP> =>
  new Promise(resolve => {
    if (signal.aborted) resolve(TIME_IS_UP)
    else signal.addEventListener('abort', () => resolve(TIME_IS_UP), { once: true })
  })

const createSmoke = (config: SmokeConfig): Check => {
  const target = parseTarget(config.target)
  const expectation = expectationOf(config.expect)
  const request = requestOf(config, target)
  const subject = `${request.method} ${request.path.split('?')[0]} on ${target.text}`

  const run = async (signal: AbortSignal): Promise<Finding> => {
    const startedAt = performance.now()
    const exchange = exchangeOverHttp(target.endpoint, request)
    const outcome = await Promise.race([exchange.outcome, whenAborted(signal)])
    const elapsedMs = performance.now() - startedAt
    const evidence = { target: target.text, latencyMs: Math.round(elapsedMs * 10) / 10 }

    if (outcome === TIME_IS_UP) {
      const progress = exchange.progress()
      exchange.destroy()
      return { ...judgeTimeout(progress, { target, subject, elapsedMs }), evidence }
    }
    if (outcome.kind !== 'answer')
      return { ...judgeFailure(outcome, { target, subject }), evidence: { ...evidence, code: outcome.code } }

    const problem = judgeAnswer(outcome, { request, expectation, subject })
    const answered = { ...evidence, httpStatus: outcome.status, bodyBytes: outcome.body.length }
    return problem ? { ...problem, evidence: answered } : { status: 'pass', evidence: answered }
  }

  return { run, [Symbol.asyncDispose]: () => Promise.resolve() }
}

/** A page of the app must render: a real request, through the socket that the app's own traffic comes by. */
export const smoke: CheckType<SmokeConfig, CheckContext> = {
  type: 'smoke',
  componentType: 'component',
  schema: smokeSchema,
  create: createSmoke,
}
