import { styleText } from 'node:util'
import { formatDuration } from '../config/units.ts'
import { withTimes } from '../history/sentences.ts'
import { durationText } from '../lib/duration-text.ts'
import type { Answered, Difference, Replayed } from '../replay/replayed.ts'
import { localDay, localOffset, localTime, localTimeBeside } from './local-time.ts'
import { wrap } from './wrap.ts'

/** What came of one history. */
export interface ReplayedHistory extends Partial<Replayed> {
  /** as given */
  readonly history: string
  /** `unknown`: nothing differs as far as it can be told, and not all can be told */
  readonly result: 'same' | 'different' | 'unknown'
  /** why it could not be replayed */
  readonly problem?: string
}

/** What `--json` prints. */
export interface ReplayDocument {
  readonly config: string
  readonly result: ReplayedHistory['result']
  readonly histories: readonly ReplayedHistory[]
}

const COLUMNS = 80
const INDENT = '03:02:10  '.length

const indented = (text: string): readonly string[] =>
  wrap(text, COLUMNS - INDENT).map(line => ' '.repeat(INDENT) + line)

const headed = (head: string, text: string): readonly string[] => {
  const [first = '', ...rest] = indented(text)
  return [`${head.padEnd(INDENT)}${first.slice(INDENT)}`, ...rest]
}

const lasting = (ms: number): string => (ms < 1000 ? formatDuration(Math.round(ms)) : durationText(ms))

const answeredLines = (who: string, { why }: Answered, day: string): readonly string[] =>
  why.flatMap((sentence, i) =>
    indented(`${i === 0 ? `${who}: ` : ''}${withTimes(sentence, iso => localTimeBeside(iso, day))}`),
  )

const differenceLines = ({ from, to, release, recorded, replayed }: Difference): readonly string[] => {
  const day = localDay(from)
  const change = replayed.answer === null ? 'unknown' : `${recorded.answer}→${replayed.answer}`
  const forTime = `for ${lasting(Date.parse(to) - Date.parse(from))}, until ${localTimeBeside(to, day)}`
  const was = replayed.answer === null ? `, ${recorded.answer} was answered` : ''
  const [head = '', ...rest] = headed(
    localTime(from),
    `${change.padEnd('unknown'.length)}  ${forTime}${was}${release === undefined ? '' : `, release ${release}`}`,
  )
  const colour = replayed.answer === null ? 'yellow' : replayed.answer === 200 ? 'green' : 'red'
  return [
    head.replace(change, styleText(['bold', colour], change)),
    ...rest,
    ...(replayed.answer === null ? [] : answeredLines('recorded', recorded, day)),
    ...answeredLines(replayed.answer === null ? 'unknown from this record' : 'replayed', replayed, day),
  ]
}

const summaryOf = ({ sameMs = 0, differentMs = 0, unknownMs = 0, counts }: ReplayedHistory): string => {
  const { different = 0, unknown = 0 } = counts ?? {}
  const parts = [
    `the same for ${lasting(sameMs)}`,
    different > 0 ? `different ${different}× for ${lasting(differentMs)}` : 'never different',
    ...(unknown > 0 ? [`unknown ${unknown}× for ${lasting(unknownMs)}`] : []),
  ]
  return parts.join(', ')
}

const words = {
  same: 'SAME: each answer is as it was recorded',
  different: 'DIFFERENT: it would have answered something else',
  unknown: 'UNKNOWN: nothing is known to differ, and not all can be told from this record',
} as const

const historyLines = (replayed: ReplayedHistory): readonly string[] => {
  const { history, problem, differences = [], counts, limits = [], from, to } = replayed
  if (problem !== undefined) return [`${history}: ${problem}`]
  let told: string | undefined
  const days = differences.flatMap(difference => {
    const day = `${localDay(difference.from)}, times in ${localOffset(difference.from)}`
    const heading = day === told ? [] : [day]
    told = day
    return [...heading, ...differenceLines(difference)]
  })
  const more = (counts?.different ?? 0) + (counts?.unknown ?? 0) - differences.length
  const range =
    from === undefined || to === undefined
      ? ''
      : `, ${localDay(from)} ${localTime(from)} to ${localDay(to)} ${localTime(to)}`
  return [
    `${history}${range}`,
    ...days,
    ...(more > 0 ? headed('…', `${more} more`) : []),
    ...headed('in all', summaryOf(replayed)),
    ...limits.flatMap(limit => headed('limit:', limit)),
  ]
}

/** What `replay` prints for people. */
export const replayText = ({ config, result, histories }: ReplayDocument): string =>
  `${[
    ...histories.flatMap(history => [...historyLines(history), '']),
    ...wrap(`${words[result]} (${config})`, COLUMNS),
  ].join('\n')}\n`
