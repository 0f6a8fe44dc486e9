import type { IncomingMessage } from 'node:http'
import { usualPathOf } from '../log/probe-log.ts'
import type { OnProbe, ProbeLog, Refusal } from '../log/probe-log.ts'
import type { Logger } from '../log/logger.ts'
import { dateAt } from '../monitor/clock.ts'
import type { Clock } from '../monitor/clock.ts'
import type { ProbesDocument, ProbeSourceDocument } from '../status/status-document.ts'
import { lintProbes, unnoticed } from './lint.ts'
import type { LintContext, ProbeLint } from './lint.ts'
import type { ProbeSource } from './probe-source.ts'
import { ProbeSources } from './probe-sources.ts'

const LINT_EVERY_MS = 5000
/** What a health check that is set up wrongly gets. */
const WRONG_SETTINGS = new Set([400, 404, 405])

export interface FollowProbesOptions {
  /** Of the configuration in force. */
  readonly limits: () => Pick<LintContext, 'path' | 'deadlineMs' | 'drainWaitMs' | 'expectsProbes'>
  /** It hears of all of them too. */
  readonly probeLog: Pick<ProbeLog, 'onProbe' | 'onRefused'>
  readonly clock: Clock
  readonly logger: Logger
}

/** Learns from the probes that arrive who probes, and how. It only listens: no answer depends on it. */
export interface FollowedProbes extends Disposable {
  readonly onProbe: OnProbe
  /** The client closed its connection before it had its answer. */
  readonly onGaveUp: (request: IncomingMessage, waitedMs: number) => void
  readonly onRefused: (refusal: Refusal) => void
  /** The host closes after a drain: tells if a balancer may not have noticed. */
  closing(): void
  document(): ProbesDocument
}

export const followProbes = ({ limits, probeLog, clock, logger }: FollowProbesOptions): FollowedProbes => {
  const sources = new ProbeSources()
  const told = new Set<string>()
  let next: Disposable | undefined

  const lint = (): readonly ProbeLint[] => lintProbes(sources.all, { ...limits(), now: clock.now() })

  /** Once each, however often it comes again. */
  const tell = (): void => {
    next = clock.after(LINT_EVERY_MS, tell)
    for (const { code, subject, message: msg } of lint()) {
      const key = `${code} ${subject}`
      if (told.has(key) || told.size >= MAX_TOLD) continue
      told.add(key)
      logger.log('warn', { event: 'probe.lint', msg, lint: code })
    }
  }
  next = clock.after(LINT_EVERY_MS, tell)

  const isoOf = (at: number): string => dateAt(clock, at).toISOString()

  return {
    onProbe(status, request) {
      probeLog.onProbe(status, request)
      const now = clock.now()
      sources.of(request, now)?.answered(status, now)
    },
    onGaveUp(request, waitedMs) {
      const now = clock.now()
      sources.of(request, now)?.gaveUp(waitedMs, now)
    },
    onRefused(refusal) {
      probeLog.onRefused(refusal)
      const { status, request } = refusal
      if (!request || status === undefined || !WRONG_SETTINGS.has(status)) return
      const now = clock.now()
      // a scanner must not take the place of a balancer
      const source = sources.of(request, now, checker => typeof checker === 'object')
      const { method = '', url } = request
      source?.wasRefused({ status, method, path: usualPathOf(url) }, now)
    },
    closing() {
      const [first, ...others] = unnoticed(sources.all, clock.now())
      if (first === undefined) return
      const more = others.length > 0 ? `; and ${others.length} more` : ''
      logger.log('info', {
        event: 'drain.unnoticed',
        msg: `closing before a balancer has taken this host out, if its threshold is the default: ${first}${more}; to wait for it, raise \`drain.wait\`, or drain the host before the stop`,
      })
    },
    document() {
      const latestFirst = sources.all.toSorted((a, b) => b.lastAt - a.lastAt)
      const found = lint().map(({ code, message }) => ({ code, message }))
      return {
        sources: latestFirst.map(source => sourceDocument(source, isoOf)),
        ...(found.length > 0 && { lint: found }),
      }
    },
    [Symbol.dispose]() {
      next?.[Symbol.dispose]()
    },
  }
}

/** Beyond any number of real balancers. */
const MAX_TOLD = 64

const inSeconds = (ms: number): number => Math.round(ms / 100) / 10

const sourceDocument = (source: ProbeSource, isoOf: (at: number) => string): ProbeSourceDocument => {
  const { address, checker, probes, lastAt, answer, answersInARow, intervalMs, closedEarly, patienceMs } =
    source
  return {
    ...(address !== undefined && { address }),
    ...(typeof checker === 'object' && { checker: checker.name }),
    time: isoOf(lastAt),
    probes,
    ...(answer !== undefined && { answer, answersInARow }),
    // what people do by hand is no interval
    ...(intervalMs !== undefined && checker !== 'none' && { intervalSeconds: inSeconds(intervalMs) }),
    ...(typeof checker === 'object' &&
      checker.unhealthyThreshold !== undefined && { defaultUnhealthyThreshold: checker.unhealthyThreshold }),
    ...(closedEarly > 0 && { closedEarly, closedAfterSeconds: inSeconds(patienceMs) }),
  }
}
