import type { Answer } from '../core/answer.ts'
import { durationText } from '../lib/duration-text.ts'
import { isSameRun } from './read-history.ts'
import type { Counts, HistoryRecord, Rule } from './record.ts'
import { addCounts, checkSentence, configSentence, drainSentence, ruleSentence, timeIn } from './sentences.ts'

/** One change, as it is told. */
export interface Entry {
  /** ISO */
  readonly time: string
  /** what probes were answered before and after; null: no daemon answered */
  readonly answerBefore: Answer | null
  readonly answer: Answer | null
  readonly what: string
  /** sentences: the message, the rule */
  readonly why: readonly string[]
  /** of an entry that changes the answer: who got which one until the next such entry */
  readonly probes?: Counts
}

export interface Story {
  readonly entries: readonly Entry[]
  /** Who got which answer before the first change of it. */
  readonly probesBefore: Counts
}

/** A step of the wall clock that is worth a word; less is what NTP does. */
const CLOCK_STEP_MS = 2000
/** Rules that no check decides. */
const phaseRules: readonly Rule[] = ['draining', 'starting']
/** Records of one change are written in one go. */
const SAME_CHANGE_MS = 100

type Told = Pick<Entry, 'what' | 'why'>

/** Whether `b` is the verdict that came of `a`. */
export const sameChange = (
  a: HistoryRecord,
  b: HistoryRecord | undefined,
): b is HistoryRecord & { event: 'verdict' } =>
  b?.event === 'verdict' && isSameRun(a, b) && Math.abs(b.uptimeMs - a.uptimeMs) <= SAME_CHANGE_MS

const tellChange = (record: HistoryRecord): Told | undefined => {
  switch (record.event) {
    case 'start': {
      const how = record.latched
        ? 'this release has passed on this boot, so the host goes on serving'
        : 'the host has to prove itself'
      const release = record.release === undefined ? '' : `, release ${record.release}`
      return { what: `the daemon starts (version ${record.version}${release})`, why: [how] }
    }
    case 'stop':
      return { what: 'the daemon stops', why: [] }
    case 'check': {
      // how a start begins
      if (record.statusBefore === undefined && record.status === 'pass') return undefined
      return { what: checkSentence(record), why: record.message === undefined ? [] : [record.message] }
    }
    case 'drain':
      return { what: drainSentence(record), why: [] }
    case 'release':
      return {
        // words, not an arrow: between two Hebrew names, it would point from the new one to the old
        what: `another release: ${record.release ?? 'none'} (before: ${record.releaseBefore ?? 'none'})`,
        why: ['it has to prove itself'],
      }
    case 'config':
      return { what: configSentence(record), why: record.mistakes ?? [] }
    case 'verdict': {
      const { phaseBefore, phase, decidedBy } = record
      if (phaseBefore === 'starting' && phase === 'serving')
        return { what: 'the host has proved itself', why: [] }
      const [first] = decidedBy
      const what = first
        ? `${first.check} ${first.status}${first.reason === undefined ? '' : `  ${first.reason}`}`
        : ''
      return { what: what || `${record.verdict} (${phase})`, why: [] }
    }
    case 'peers':
    case 'alive':
    case 'now':
      return undefined
  }
}

/** The rule behind a change: of the verdict that came with it, or of the one check. */
const tellRule = (
  record: HistoryRecord,
  verdict: (HistoryRecord & { event: 'verdict' }) | undefined,
): string[] => {
  if (verdict) {
    const { rule, startup, decidedBy } = verdict
    const [first] = decidedBy
    const isOfOther =
      first &&
      phaseRules.every(one => one !== rule) &&
      !(record.event === 'check' && record.check === first.check)
    return [
      `rule: ${isOfOther ? `${first.check}: ` : ''}${ruleSentence(rule, { first: { ...first, effect: verdict.verdict }, startup })}`,
    ]
  }
  if (record.event !== 'check' || record.because === undefined) return []
  return [`rule: ${ruleSentence(record.because, { first: record })}`]
}

/** What happened between two records that nobody wrote down: a death, a step of the clock. */
const between = (last: HistoryRecord, record: HistoryRecord): Entry[] => {
  const isRestart = !isSameRun(last, record)
  const wentMs = Date.parse(record.time) - Date.parse(last.time)
  const steppedMs = isRestart ? Math.min(wentMs, 0) : wentMs - (record.uptimeMs - last.uptimeMs)
  const entries: Entry[] = []
  if (isRestart && record.event === 'start' && last.event !== 'stop') {
    const isReboot = last.bootId !== record.bootId
    entries.push({
      time: last.time,
      answerBefore: last.answer,
      answer: null,
      what: isReboot ? 'the host went down' : 'the daemon ended without a word: killed, or it crashed',
      why: [`between ${timeIn(last.time)} and ${timeIn(record.time)}`],
    })
  }
  if (Math.abs(steppedMs) >= CLOCK_STEP_MS) {
    const answer = isRestart ? null : last.answer
    entries.push({
      time: record.time,
      answerBefore: answer,
      answer,
      what: `the clock was set ${steppedMs < 0 ? 'back' : 'forward'} by ${durationText(Math.abs(steppedMs))}`,
      why: ['times before and after it do not compare'],
    })
  }
  return entries
}

/** Tells the changes among records; `begin` is the index of the first one that counts. */
export const storyOf = (records: readonly HistoryRecord[], begin: number): Story => {
  const entries: Entry[] = []
  let probesBefore: Counts = {}
  /** Index of the entry that set the answer. */
  let holder = -1
  const count = (counts: Counts | undefined): void => {
    const entry = entries[holder]
    if (!counts) return
    if (entry) entries[holder] = { ...entry, probes: addCounts(entry.probes ?? {}, counts) }
    else probesBefore = addCounts(probesBefore, counts)
  }
  const add = (entry: Entry): void => {
    entries.push(entry)
    if (entry.answer !== entry.answerBefore) holder = entries.length - 1
  }

  for (let i = begin; i < records.length; i += 1) {
    const last = records[i - 1]
    const record = records[i]
    if (!record) break
    if (last) for (const entry of between(last, record)) add(entry)
    count(record.probes)
    const next = records[i + 1]
    const verdict = sameChange(record, next) ? next : undefined
    const told = tellChange(record)
    if (!told) continue
    if (verdict) i += 1
    count(verdict?.probes)
    add({
      time: record.time,
      answerBefore: record.event === 'start' || !last ? null : last.answer,
      answer: record.event === 'stop' ? null : (verdict ?? record).answer,
      what: told.what,
      why: [...told.why, ...tellRule(record, verdict ?? (record.event === 'verdict' ? record : undefined))],
    })
  }
  return { entries, probesBefore }
}
