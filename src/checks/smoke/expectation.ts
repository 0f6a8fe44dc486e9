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
  /** Where the page names its release: in its body, or in a header, by its lower-case name. */
  readonly release?: ReleasePlace
  /** A slower answer is a warning. */
  readonly maxLatencyMs?: number
}

export type ReleasePlace = { readonly in: 'body' } | { readonly in: 'header'; readonly name: string }

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

const releasePlace = (text: string): ReleasePlace =>
  text === 'body' ? { in: 'body' } : { in: 'header', name: text.slice('header:'.length).toLowerCase() }

export const expectationOf = (expect: ExpectConfig): Expectation => {
  const { status, body, headers = {}, release, max_latency } = expect
  return {
    statuses: (Array.isArray(status) ? status : [status]).map(range),
    headers: Object.entries(headers).map(([name, text]) => [name.toLowerCase(), matcherOf(text)]),
    ...(body !== undefined && { body: matcherOf(body) }),
    ...(release !== undefined && { release: releasePlace(release) }),
    ...(max_latency !== undefined && { maxLatencyMs: max_latency }),
  }
}

export const isExpectedStatus = (status: number, { statuses }: Expectation): boolean =>
  statuses.some(({ from, to }) => from <= status && status <= to)

/** `200`, `200 to 299`, `200 or 301 to 308`. */
export const describeStatuses = ({ statuses }: Expectation): string =>
  statuses.map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`)).join(' or ')
