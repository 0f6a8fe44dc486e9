import type { SmokeConfig } from './config.ts'

/** What an answer must be like for a pass. */
export interface Expectation {
  /** Inclusive ranges; at least one. */
  readonly statuses: readonly { readonly from: number; readonly to: number }[]
  readonly body?: BodyExpectation
}

export interface BodyExpectation {
  /** As configured. */
  readonly text: string
  matches(page: string): boolean
}

type StatusConfig = Exclude<NonNullable<SmokeConfig['expect']>['status'], undefined>

const range = (status: number | string) => {
  if (typeof status === 'number') return { from: status, to: status }
  const [from, to] = status.split('-')
  return { from: Number(from), to: Number(to) }
}

const statusRanges = (status: StatusConfig) => (Array.isArray(status) ? status : [status]).map(range)

/**
 * Text, or a regular expression where it is written `/…/` with JavaScript's flags after it. Throws a SyntaxError for
 * one that is none.
 */
const bodyExpectation = (text: string): BodyExpectation => {
  const [, source, flags] = /^\/(.+)\/([dimsuv]*)$/s.exec(text) ?? []
  if (source === undefined) return { text, matches: page => page.includes(text) }
  const expression = new RegExp(source, flags)
  return { text, matches: page => expression.test(page) }
}

/** The status is always judged: 200 where nothing else is configured. */
export const expectationOf = ({
  status = 200,
  body,
}: NonNullable<SmokeConfig['expect']> = {}): Expectation => ({
  statuses: statusRanges(status),
  ...(body !== undefined && { body: bodyExpectation(body) }),
})

export const isExpectedStatus = (status: number, { statuses }: Expectation): boolean =>
  statuses.some(({ from, to }) => from <= status && status <= to)

/** `200`, `200 to 299`, `200 or 301 to 308`. */
export const describeStatuses = ({ statuses }: Expectation): string =>
  statuses.map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`)).join(' or ')
