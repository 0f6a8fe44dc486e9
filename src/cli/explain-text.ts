import { styleText } from 'node:util'
import type { Counts } from '../history/record.ts'
import { countsSentence, withTimes } from '../history/sentences.ts'
import type { Entry } from '../history/story.ts'
import type { Moment } from '../history/moment.ts'
import type { Explained, ExplainedMoment } from './explained.ts'
import { localDay, localOffset, localTime, localTimeBeside } from './local-time.ts'
import { wrap } from './wrap.ts'

const COLUMNS = 80
const INDENT = '03:02:10  '.length

const answerWord = (answer: Moment['answer']): string => (answer === null ? 'none' : String(answer))
const answerColour = (answer: Moment['answer']) =>
  answer === 200 ? 'green' : answer === 503 ? 'red' : 'yellow'

const indented = (text: string): readonly string[] =>
  wrap(text, COLUMNS - INDENT).map(line => ' '.repeat(INDENT) + line)

/** A line that begins with a time or a word, and goes on below what follows it. */
const headed = (head: string, text: string): readonly string[] => {
  const [first = '', ...rest] = indented(text)
  return [`${head.padEnd(INDENT)}${first.slice(INDENT)}`, ...rest]
}

const withCounts = (counts: Counts | undefined): readonly string[] =>
  counts && Object.keys(counts).length > 0 ? indented(countsSentence(counts)) : []

const changeOf = ({ answerBefore, answer }: Entry): string => {
  if (answer !== answerBefore) return `${answerWord(answerBefore)}→${answerWord(answer)}`
  return answer === null ? 'none' : `${answer} kept`
}

const entryLines = (entry: Entry): readonly string[] => {
  const { time, what, why, probes, answer } = entry
  const day = localDay(time)
  const change = changeOf(entry)
  const shown = (sentence: string) => withTimes(sentence, iso => localTimeBeside(iso, day))
  const [head = '', ...rest] = headed(localTime(time), `${change.padEnd('none→503'.length)}  ${shown(what)}`)
  return [
    head.replace(change, styleText(['bold', answerColour(answer)], change)),
    ...rest,
    ...why.flatMap(sentence => indented(shown(sentence))),
    ...withCounts(probes),
  ]
}

/** Where the day or the zone changes, a line says so. */
const withDays = (
  items: readonly (readonly [iso: string, lines: readonly string[]])[],
): readonly string[] => {
  let told: string | undefined
  return items.flatMap(([iso, lines]) => {
    const day = `${localDay(iso)}, times in ${localOffset(iso)}`
    if (day === told) return lines
    const heading = [...(told === undefined ? [] : ['']), day]
    told = day
    return [...heading, ...lines]
  })
}

/** `200 (serving) since 03:02:10, release v1` */
const momentText = ({ answer, phase, since, release, time }: Moment): string => {
  const day = localDay(time)
  const what = answer === null ? 'no daemon answered' : `${answer} (${phase ?? 'unknown'})`
  const forTime = since === undefined ? '' : ` since ${localTimeBeside(since, day)}`
  return `${what}${forTime}${release === undefined ? '' : `, release ${release}`}`
}

const whyLines = ({ why, time }: Moment): readonly string[] =>
  why.flatMap(sentence => indented(withTimes(sentence, iso => localTimeBeside(iso, localDay(time)))))

const noteLines = (notes: readonly string[]): readonly string[] =>
  notes.flatMap(note => headed('note:', note))

const textOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`

/** What `explain` prints for people. */
export const explainStory = ({
  from,
  to,
  before,
  entries,
  probesBefore,
  probes,
  now,
  isLive,
  notes,
}: Explained): string => {
  const [first] = entries
  const begin = before
    ? [[from, [...headed(localTime(from), momentText(before)), ...withCounts(probesBefore)]] as const]
    : [[first?.time ?? to, headed('', 'the history begins here')] as const]
  const none = entries.length === 0 ? [[to, headed('', 'nothing has changed since then')] as const] : []
  const recordedLines =
    isLive || now.answer === null
      ? []
      : indented(`that is of the last record, ${localTimeBeside(now.recorded, localDay(to))}`)
  return textOf([
    ...withDays([
      ...begin,
      ...entries.map(entry => [entry.time, entryLines(entry)] as const),
      ...none,
      [
        to,
        [...headed(isLive ? 'now' : 'last', momentText(now)), ...whyLines(now), ...recordedLines],
      ] as const,
    ]),
    ...(Object.keys(probes).length > 0 ? headed('in all', countsSentence(probes)) : []),
    ...noteLines(notes),
  ])
}

const checkLines = ({ checks, time }: Moment): readonly string[] => {
  const width = Math.max(...checks.map(({ check }) => check.length))
  return checks.flatMap(({ check, status, reason = '', since }) =>
    indented(
      `${check.padEnd(width)}  ${status.padEnd('unknown'.length)}  since ${localTimeBeside(since, localDay(time))}  ${reason}`.trimEnd(),
    ),
  )
}

/** What `explain --at` prints for people. */
export const explainMoment = ({ at, before, after, notes }: ExplainedMoment): string =>
  textOf([
    ...withDays([
      ...(before ? [[before.time, entryLines(before)] as const] : []),
      [
        at.time,
        ['', ...headed(localTime(at.time), momentText(at)), ...whyLines(at), ...checkLines(at), ''],
      ] as const,
      ...(after ? [[after.time, entryLines(after)] as const] : []),
    ]),
    ...noteLines(notes),
  ])
