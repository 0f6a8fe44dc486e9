import { isMapping, parseJson } from '../lib/json.ts'
import type { HistoryRecord } from './record.ts'

type Test = (value: unknown) => boolean

const isText: Test = value => typeof value === 'string'
const isNumber: Test = value => typeof value === 'number' && Number.isFinite(value)
const isTime: Test = value => typeof value === 'string' && !Number.isNaN(Date.parse(value))
const isTruth: Test = value => typeof value === 'boolean'
const isOne =
  (...words: readonly unknown[]): Test =>
  value =>
    words.includes(value)
const isList =
  (test: Test): Test =>
  value =>
    Array.isArray(value) && value.every(test)
const optional =
  (test: Test): Test =>
  value =>
    value === undefined || test(value)
const has =
  (members: Readonly<Record<string, Test>>): Test =>
  value =>
    isMapping(value) && Object.entries(members).every(([name, test]) => test(value[name]))

const isVerdict = isOne('pass', 'warn', 'fail')
const isStatus = isOne('pass', 'warn', 'fail', 'unknown')
const isPhase = isOne('starting', 'serving', 'draining')
const isCounts: Test = value => isMapping(value) && Object.values(value).every(isNumber)

const isBase = has({
  time: isTime,
  seq: isNumber,
  pid: isNumber,
  uptimeMs: isNumber,
  bootId: optional(isText),
  release: optional(isText),
  phase: isPhase,
  verdict: isVerdict,
  answer: isOne(200, 503),
  since: isTime,
  startup: optional(has({ rounds: isNumber, needed: isNumber })),
  probes: optional(isCounts),
})

const before = { verdictBefore: isVerdict, phaseBefore: isPhase }
const found = { status: isStatus, reason: optional(isText), cause: optional(isText) }

const changes: Readonly<Record<HistoryRecord['event'], Test>> = {
  start: has({ version: isText, latched: isTruth }),
  check: has({
    ...before,
    ...found,
    check: isText,
    type: isText,
    message: optional(isText),
    statusBefore: optional(isStatus),
    reasonBefore: optional(isText),
    effect: optional(isVerdict),
    because: optional(isText),
  }),
  verdict: has({
    ...before,
    rule: isText,
    output: optional(isText),
    decidedBy: isList(
      has({
        ...found,
        check: isText,
        because: optional(isText),
        healthyThreshold: optional(isNumber),
        unhealthyThreshold: optional(isNumber),
        heldUntil: optional(isTime),
      }),
    ),
  }),
  drain: has({
    ...before,
    drain: value =>
      value === null || has({ reason: isText, by: optional(isText), until: optional(isTime) })(value),
    by: optional(isText),
  }),
  release: has({ ...before, releaseBefore: optional(isText) }),
  config: has({ ...before, outcome: isOne('taken', 'refused'), mistakes: optional(isList(isText)) }),
  alive: () => true,
  stop: () => true,
  now: () => true,
}

const isEvent = (event: unknown): event is HistoryRecord['event'] =>
  typeof event === 'string' && Object.hasOwn(changes, event)

const isRecord = (value: unknown): value is HistoryRecord =>
  isMapping(value) && isBase(value) && isEvent(value['event']) && changes[value['event']](value)

/** One line of a history: undefined if it is no record, as one that was torn, or that somebody else wrote. */
export const readRecord = (line: string): HistoryRecord | undefined => {
  const value = parseJson(line)
  return isRecord(value) ? value : undefined
}
