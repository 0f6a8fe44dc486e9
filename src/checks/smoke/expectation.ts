import { parseMatcher } from '../../core/matcher.ts'
import type { Matcher } from '../../core/matcher.ts'
import { runWithin } from '../../lib/run-within.ts'
import type { SmokeConfig } from './config.ts'

/** What an answer needs for a pass. */
export interface Expectation {
  /** Inclusive ranges; at least one. */
  readonly statuses: readonly { readonly from: number; readonly to: number }[]
  readonly body?: Matcher
  /** By lower-case name. */
  readonly headers: readonly (readonly [name: string, Matcher])[]
  /** A slower answer is a warning. */
  readonly maxLatencyMs?: number
}

type ExpectConfig = SmokeConfig['expect']

const range = (status: number | string) => {
  if (typeof status === 'number') return { from: status, to: status }
  const [from, to] = status.split('-')
  return { from: Number(from), to: Number(to) }
}

/** Throws if the regular expression is not valid. The schema has excluded that. */
const matcherOf = (text: string): Matcher => {
  const matcher = parseMatcher(text, runWithin)
  if (!matcher) throw new TypeError('not a regular expression')
  return matcher
}

export const expectationOf = (expect: ExpectConfig): Expectation => {
  const { status, body, headers = {}, max_latency } = expect
  return {
    statuses: (Array.isArray(status) ? status : [status]).map(range),
    headers: Object.entries(headers).map(([name, text]) => [name.toLowerCase(), matcherOf(text)]),
    ...(body !== undefined && { body: matcherOf(body) }),
    ...(max_latency !== undefined && { maxLatencyMs: max_latency }),
  }
}

export const isExpectedStatus = (status: number, { statuses }: Expectation): boolean =>
  statuses.some(({ from, to }) => from <= status && status <= to)

/** `200`, `200 to 299`, `200 or 301 to 308`. */
export const describeStatuses = ({ statuses }: Expectation): string =>
  statuses.map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`)).join(' or ')
