import type { Check, CheckType } from '../../core/check.ts'
import { smokeReasons } from './reasons.ts'
import type { GeneralReason } from '../../core/reason.ts'
import type { SmokeFinding, SmokeProblem, SmokeReason } from './reasons.ts'
import { OWN_USER_AGENT } from '../../lib/user-agent.ts'
import type { CheckContext } from '../context.ts'
import { createAsk } from './ask.ts'
import type { ExchangeOver } from './ask.ts'
import { createAppProgress } from './app-progress.ts'
import { pause, systemClock } from './clock.ts'
import type { SmokeClock } from './clock.ts'
import { smokeSchema } from './config.ts'
import { contradictionsOf } from './contradictions.ts'
import type { SmokeConfig } from './config.ts'
import type { SmokeRequest } from './exchange.ts'
import { expectationOf } from './expectation.ts'
import { combineSamples } from './combine-samples.ts'
import type { Sample } from './combine-samples.ts'
import { createConcurrencyLimit } from './concurrency-limit.ts'
import { hostSourceOf } from './host-source.ts'
import type { Releases } from './question.ts'
import { createTlsSource } from './tls-source.ts'
import { createStats } from './uwsgi-stats.ts'
import { isLoopback, parseEndpoint } from '../../connect/endpoint.ts'
import { tlsWarnings } from '../../connect/tls-keys.ts'
import { parseTarget } from './target.ts'
import type { Target } from './target.ts'
import { TIME_IS_UP, beforeAbort } from '../../lib/deadline.ts'

/** The pause between two samples, so that they do not all see the same moment of the app. */
const SAMPLE_GAP_MS = 100

/**
 * How long a request that was given up on counts against the concurrency limit, at least. gunicorn kills a worker that is
 * silent for this long, and harakiri is seldom set to more.
 */
const GIVEN_UP_FOR_MS = 30_000

const statsOf = ({ progress }: SmokeConfig, clock: SmokeClock) =>
  progress && createStats(parseEndpoint(progress.uwsgi_stats), clock)

const defaultPort = (text: string): RegExp => (text.startsWith('https') ? /:443$/ : /:80$/)

const defaultHost = ({ endpoint, text }: Target): string =>
  'path' in endpoint ? 'localhost' : text.slice(text.indexOf('://') + 3).replace(defaultPort(text), '')

const lowerCased = (headers: NonNullable<SmokeConfig['headers']>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const requestOf = (config: SmokeConfig): Omit<SmokeRequest, 'host'> => ({
  method: config.method,
  path: config.path,
  headers: { 'user-agent': OWN_USER_AGENT, accept: '*/*', ...lowerCased(config.headers ?? {}) },
  maxBodyBytes: config.max_body,
  ...(config.script !== undefined && { script: config.script }),
  ...(config.proxy_protocol !== undefined && { proxyProtocol: config.proxy_protocol }),
})

/** What tests replace. */
export interface SmokeOptions {
  readonly clock?: SmokeClock
  readonly exchangeOver?: ExchangeOver
}

const createSmoke = (
  config: SmokeConfig,
  {
    metadata,
    clock = systemClock,
    exchangeOver,
    release = () => undefined,
    hasServed = false,
    silentForMs = 0,
  }: SmokeOptions & Pick<CheckContext, 'metadata' | 'release' | 'hasServed' | 'silentForMs'>,
): Check<SmokeReason | GeneralReason> => {
  const target = parseTarget(config.target)
  const expectation = expectationOf(config.expect)
  const request = requestOf(config)
  const subject = `${request.method} ${request.path.split('?')[0]} on ${target.text}`
  const wanted = config.samples

  const hostSource = hostSourceOf(config.host ?? defaultHost(target), metadata)
  const progress = createAppProgress({ clock, patienceMs: config.patience, hasServed, silentForMs })
  const limit = createConcurrencyLimit({
    clock,
    givenUpForMs: () => Math.max(progress.waitMs(), GIVEN_UP_FOR_MS),
    keptForMs: Math.max(progress.mostMs, GIVEN_UP_FOR_MS),
  })
  const ask = createAsk({
    limit,
    progress,
    showErrorPage: config.show_error_page,
    clock,
    ...(exchangeOver && { exchangeOver }),
  })
  const stats = statsOf(config, clock)
  const tlsOf = target.protocol === 'https' ? createTlsSource(config.tls) : undefined
  const releases: Releases = { current: release, seen: undefined }

  const reportStats = async (signal: AbortSignal) => {
    if (stats) progress.reported(await stats(signal))
  }

  const run = async (signal: AbortSignal): Promise<SmokeFinding> => {
    const startedAt = clock.now()
    const host = await beforeAbort(hostSource(signal), signal)
    const evidence = { target: target.text }
    if (host === TIME_IS_UP || !host.ok) {
      const why = host === TIME_IS_UP ? 'its source did not answer in time' : host.message
      const message = `the Host to send is not known: ${why}`
      return { status: 'unknown', reason: 'SMOKE_HOST_UNKNOWN', message, evidence }
    }
    if (target.protocol === 'fastcgi' && config.script === undefined) {
      const message = `${subject} cannot be sent: set the check's script to the path of the app's front controller`
      return { status: 'unknown', reason: 'SMOKE_SCRIPT_UNKNOWN', message, evidence }
    }
    const tls = await tlsOf?.(host.host)
    if (tls && !tls.ok) {
      const { message } = tls
      return { status: 'unknown', reason: 'SMOKE_TLS_FILE_UNUSABLE', message, evidence }
    }
    if (signal.aborted) {
      const message = `the time was up before ${subject} could be sent`
      return { status: 'unknown', reason: 'CHECK_TIMED_OUT', message, evidence }
    }

    const question = {
      target,
      expectation,
      releases,
      subject,
      request: { ...request, host: host.host, ...(tls && { tls: tls.client }) },
    }
    // uWSGI's statistics are read beside the request, so that they are there when it is not answered
    void reportStats(signal)
    const samples: [Sample, ...Sample[]] = [await ask.send(question, signal)]
    while (samples.length < wanted && !signal.aborted) {
      await pause(SAMPLE_GAP_MS, { clock, signal })
      if (!signal.aborted) samples.push(await ask.send(question, signal))
    }
    const combined = combineSamples(samples, { wanted, subject, tookMs: clock.now() - startedAt })
    const finding =
      combined.status === 'unknown' ? { ...combined, silentForMs: progress.look().silentForMs } : combined
    const late = ask.takeLate()
    return late?.status === 'fail' ? withLate(finding, late) : finding
  }

  return { run, [Symbol.asyncDispose]: () => limit[Symbol.asyncDispose]() }
}

/**
 * What a run has found, together with the late failure of a request before it. If that may be over, a later request that
 * fails settles it: one that is only not answered proves a lack of progress alone, but the late failure says more of why.
 */
const withLate = (finding: SmokeFinding, late: SmokeProblem): SmokeFinding => {
  if (!late.mayBeOver || finding.status !== 'fail') return late
  if (finding.silentForMs === undefined) return finding
  const { mayBeOver: _, ...settled } = late
  return { ...settled, silentForMs: finding.silentForMs }
}

/** The check type, with options for tests. */
export const smokeWith = (options: SmokeOptions): CheckType<SmokeConfig, CheckContext, SmokeReason> => ({
  type: 'smoke',
  reasons: smokeReasons,
  componentType: 'component',
  schema: smokeSchema,
  looksAtShared: ({ target }) => !isLoopback(parseTarget(target).endpoint),
  contradictions: contradictionsOf,
  warnings: tlsWarnings,
  create: (config, context) => createSmoke(config, { ...options, ...context }),
})

/** A page of the app must render. The check sends a real request through the socket that the app's traffic uses. */
export const smoke = smokeWith({})
