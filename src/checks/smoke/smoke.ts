import { setTimeout as sleep } from 'node:timers/promises'
import type { Check, CheckType } from '../../core/check.ts'
import { smokeReasons } from './reasons.ts'
import type { GeneralReason } from '../../core/reason.ts'
import type { SmokeFinding, SmokeReason } from './reasons.ts'
import { version } from '../../lib/version.ts'
import type { CheckContext } from '../context.ts'
import { createAsk } from './ask.ts'
import { smokeSchema } from './config.ts'
import type { SmokeConfig } from './config.ts'
import type { SmokeRequest } from './exchange.ts'
import { expectationOf } from './expectation.ts'
import { foldSamples } from './fold-samples.ts'
import type { Sample } from './fold-samples.ts'
import { hostSourceOf } from './host-source.ts'
import { createLane } from './lane.ts'
import { parseTarget } from '../../connect/target.ts'
import type { Target } from '../../connect/target.ts'
import { TIME_IS_UP, deadlineOf } from '../../lib/deadline.ts'

const DEFAULT_MAX_BODY_BYTES = 65_536

/** Between one sample and the next, so that they meet more of the app than one moment of it. */
const SAMPLE_GAP_MS = 100

const USER_AGENT = `health-sidecar/${version}`

const defaultHost = ({ endpoint, text }: Target): string =>
  'path' in endpoint ? 'localhost' : text.slice(text.indexOf('://') + 3).replace(/:80$/, '')

const lowerCased = (headers: NonNullable<SmokeConfig['headers']>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const requestOf = (config: SmokeConfig): Omit<SmokeRequest, 'host'> => ({
  method: config.method ?? 'GET',
  path: config.path ?? '/',
  headers: { 'user-agent': USER_AGENT, accept: '*/*', ...lowerCased(config.headers ?? {}) },
  maxBodyBytes: config.max_body ?? DEFAULT_MAX_BODY_BYTES,
})

/** Ends early, and quietly, when the signal is aborted. */
const pause = (signal: AbortSignal): Promise<void> =>
  sleep(SAMPLE_GAP_MS, undefined, { signal }).catch(() => undefined)

const createSmoke = (
  config: SmokeConfig,
  imds: { readonly endpoint?: string },
): Check<SmokeReason | GeneralReason> => {
  const target = parseTarget(config.target)
  const expectation = expectationOf(config.expect)
  const request = requestOf(config)
  const subject = `${request.method} ${request.path.split('?')[0]} on ${target.text}`
  const wanted = config.samples ?? 1

  const hostSource = hostSourceOf(config.host ?? defaultHost(target), imds)
  const lane = createLane()
  const ask = createAsk({ lane, showErrorPage: config.show_error_page ?? false })

  const run = async (signal: AbortSignal): Promise<SmokeFinding> => {
    using deadline = deadlineOf(signal)
    const host = await Promise.race([hostSource(signal), deadline.reached])
    const evidence = { target: target.text }
    if (host === TIME_IS_UP || !host.ok) {
      const why = host === TIME_IS_UP ? 'the time was up before its source had answered' : host.message
      const message = `the Host to send is not known: ${why}`
      return { status: 'unknown', reason: 'SMOKE_HOST_UNKNOWN', message, evidence }
    }
    if (signal.aborted) {
      const message = `the time was up before ${subject} could be sent`
      return { status: 'unknown', reason: 'CHECK_TIMED_OUT', message, evidence }
    }

    const question = { target, expectation, subject, request: { ...request, host: host.host } }
    const samples: [Sample, ...Sample[]] = [await ask(question, signal)]
    while (samples.length < wanted && !signal.aborted) {
      await pause(signal)
      if (!signal.aborted) samples.push(await ask(question, signal))
    }
    return foldSamples(samples, { wanted, subject })
  }

  return { run, [Symbol.asyncDispose]: () => lane[Symbol.asyncDispose]() }
}

/** The check type, with the endpoint of the instance metadata service for tests to replace. */
export const smokeWith = (imds: {
  readonly endpoint?: string
}): CheckType<SmokeConfig, CheckContext, SmokeReason> => ({
  type: 'smoke',
  reasons: smokeReasons,
  componentType: 'component',
  schema: smokeSchema,
  create: config => createSmoke(config, imds),
})

/** A page of the app must render: a real request, through the socket that the app's own traffic comes by. */
export const smoke = smokeWith({})
