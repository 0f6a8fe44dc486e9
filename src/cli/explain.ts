import type { ConfigRef } from '../config/named-app.ts'
import { storyOf } from '../history/story.ts'
import { indexAt, momentAfter } from '../history/moment.ts'
import { readHistory } from '../history/read-history.ts'
import type { ReadHistory } from '../history/read-history.ts'
import { addCounts, withTimes } from '../history/sentences.ts'
import type { Explained, ExplainedMoment } from './explained.ts'
import { exitCode } from './exit-code.ts'
import { explainMoment, explainStory } from './explain-text.ts'
import { findHistory } from './history-source.ts'
import { problem } from './operator-answer.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { pointInTime } from './point-in-time.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const DEFAULT_SINCE = '1h'

export interface ExplainOptions {
  readonly config?: ConfigRef
  readonly stateDir?: string
  readonly since?: string
  readonly at?: string
  readonly json?: boolean
}

const timeFrom = (option: string, text: string, now: Date): Date => {
  const time = pointInTime(text, now)
  if (!time)
    throw new UsageError(
      `${option}: found ${JSON.stringify(text)}; expected a time such as 10m, 03:14 or 2026-11-26T03:14:02Z`,
    )
  if (time > now) throw new UsageError(`${option}: ${JSON.stringify(text)} has not come yet`)
  return time
}

const counted = (count: number, one: string, many: string): string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]

/** What is wrong with the history itself. */
const flawsOf = ({ unreadable, missing, isShared }: ReadHistory): string[] => [
  ...counted(unreadable, 'line is no record, and is ignored', 'lines are no records, and are ignored'),
  ...counted(
    missing,
    'record is missing: it could not be written',
    'records are missing: they could not be written',
  ),
  ...(isShared ? ['two daemons write to this state_dir; give each its own'] : []),
]

/** In JSON, a time in a sentence is as everywhere else. */
const forMachines = <Document>(document: Document): Document =>
  JSON.parse(JSON.stringify(document), (_name, part: unknown) =>
    typeof part === 'string' ? withTimes(part, iso => iso) : part,
  )

const explainAt = (
  history: ReadHistory,
  time: Date,
  notes: readonly string[],
): ExplainedMoment | undefined => {
  const { records } = history
  const index = indexAt(records, time)
  const at = momentAfter(records, index, time)
  if (!at) return undefined
  const { entries } = storyOf(records, 0)
  // in the order of the history, whatever was done to the clock
  const known = storyOf(records.slice(0, index + 1), 0).entries.length
  const before = entries[known - 1]
  const after = entries[known]
  return { at, ...(before && { before }), ...(after && { after }), notes }
}

const explainSince = (history: ReadHistory, range: { from: Date; to: Date }, notes: readonly string[]) => {
  const { records } = history
  const { from, to } = range
  const found = records.findIndex(({ time }) => Date.parse(time) >= from.getTime())
  const begin = found < 0 ? records.length : found
  const before = momentAfter(records, begin - 1, from)
  const now = momentAfter(records, records.length - 1, to)
  if (!now) return undefined
  const { entries, probesBefore } = storyOf(records, begin)
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    ...(before && { before }),
    entries,
    probesBefore,
    probes: entries.reduce((sum, { probes }) => addCounts(sum, probes), probesBefore),
    now,
    isLive: records.at(-1)?.event === 'now',
    notes,
  } satisfies Explained
}

/**
 * `health-sidecar explain`: what was answered, why, and by which rule; from the history, with the daemon up or down. 3 if nothing is
 * known. Throws a ConfigError or a UsageError.
 */
export const explainCommand = async (
  options: ExplainOptions,
  { env }: Pick<Terminal, 'env'>,
): Promise<Outcome> => {
  const { config, stateDir, at, since, json = false } = options
  if (at !== undefined && since !== undefined) throw new UsageError('explain takes --since or --at, not both')
  const to = new Date()
  const atTime = at === undefined ? undefined : timeFrom('--at', at, to)
  const from = timeFrom('--since', since ?? DEFAULT_SINCE, to)

  const answer = await findHistory({ config, stateDir }, env)
  if (!answer.ok) return problem(exitCode.unknown, `nothing is known: ${answer.message}`)
  const history = readHistory(answer.lines)
  const notes = [...answer.notes, ...flawsOf(history)]
  const [first] = history.records
  if (!first)
    return problem(exitCode.unknown, ['nothing is known: the history has no record yet', ...notes].join('; '))

  const shown = <Document>(document: Document, text: (document: Document) => string): Outcome =>
    outcomeOf({ code: exitCode.ok, document: json ? forMachines(document) : document, text })
  if (!atTime) {
    const explained = explainSince(history, { from, to }, notes)
    return explained
      ? shown<Explained>(explained, explainStory)
      : problem(exitCode.unknown, 'nothing is known of that time')
  }
  const explained = explainAt(history, atTime, notes)
  return explained
    ? shown(explained, explainMoment)
    : problem(exitCode.unknown, `nothing is known of that time: the history begins at ${first.time}`)
}
