import { causes } from '../core/finding.ts'
import { isMapping, parseJson } from '../lib/json.ts'
import { has, isBoolean, isListOf, isMappingOf, isNumber, isOneOf, isText, optional } from '../lib/shape.ts'
import type { Shape } from '../lib/shape.ts'
import { isPhase, isStatus, isVerdict } from '../status/words.ts'
import type { HistoryRecord } from './record.ts'

/** Of a year with four digits: a Date still holds it after an uptime is added to it or taken from it. */
const isTime: Shape = value =>
  typeof value === 'string' && /^\d{4}-/.test(value) && !Number.isNaN(Date.parse(value))

/** A host runs for 30 years at most. */
const isUptime: Shape = value => isNumber(value) && Math.abs(Number(value)) <= 1e12

const isRun: Shape = value => {
  if (!Array.isArray(value) || !isNumber(value[0]) || value.length > 3) return false
  const [, what, more] = value
  if (isText(what)) return value.length === 2 || isNumber(more)
  return value.length === 1 || (isNumber(what) && (value.length === 2 || more === true))
}

const isSummary = has({
  name: isText,
  type: isText,
  required: isBoolean,
  gate: isOneOf('always', 'startup'),
  healthyThreshold: isNumber,
  unhealthyThreshold: isNumber,
  dependsOn: isListOf(isText),
  // before these members, no `policy` was written either
  shared: optional(isBoolean),
  intervalMs: optional(isNumber),
  freshForMs: optional(isNumber),
  timeoutMs: optional(isNumber),
  asks: optional(isText),
  patienceMs: optional(isNumber),
})

const isCause = isOneOf(...causes)

const isKnownState = has({
  name: isText,
  standing: optional(isOneOf('pass', 'fail')),
  isStuck: optional(isBoolean),
  passesInARow: isNumber,
  failuresInARow: isNumber,
  silentInARow: optional(isNumber),
  unknown: optional(has({ cause: isCause, since: isNumber })),
  last: optional(
    has({
      at: isNumber,
      status: isStatus,
      reason: optional(isText),
      cause: optional(isCause),
      isEverybodys: optional(isBoolean),
      progress: optional(isBoolean),
    }),
  ),
})

const isKnownPeers = has({
  at: isNumber,
  gapMs: isNumber,
  passing: isNumber,
  lonely: isNumber,
  proved: isListOf(isText),
})

const isDrain = has({ reason: isText, by: optional(isText), until: optional(isTime) })

const isHeld = has({ name: isText, cause: isCause, heldForMs: isUptime })

const isFailing = has({ name: isText, isStuck: optional(isBoolean) })

const configured = {
  configHash: optional(isText),
  checks: optional(isListOf(isSummary)),
  policy: optional(has({ startupHealthyThreshold: isNumber, spread: isNumber, peers: optional(isText) })),
}

const isBase = has({
  time: isTime,
  seq: isNumber,
  pid: isNumber,
  uptimeMs: isUptime,
  bootId: optional(isText),
  release: optional(isText),
  phase: isPhase,
  verdict: isVerdict,
  answer: isOneOf(200, 503),
  since: isTime,
  startup: optional(has({ rounds: isNumber, needed: isNumber })),
  probes: optional(isMappingOf(isNumber)),
  runs: optional(isListOf(isRun)),
  omitted: optional(isListOf(isText)),
})

const before = { verdictBefore: isVerdict, phaseBefore: isPhase }
const found = {
  status: isStatus,
  reason: optional(isText),
  cause: optional(isText),
  isEverybodys: optional(isBoolean),
  progress: optional(isBoolean),
}

const ruleOfCheck = {
  because: optional(isText),
  healthyThreshold: optional(isNumber),
  unhealthyThreshold: optional(isNumber),
  heldUntil: optional(isTime),
}

const changes: Readonly<Record<HistoryRecord['event'], Shape>> = {
  start: has({
    ...configured,
    version: isText,
    latched: isBoolean,
    failing: optional(isListOf(isFailing)),
    held: optional(isListOf(isHeld)),
  }),
  check: has({
    ...before,
    ...found,
    check: isText,
    type: isText,
    message: optional(isText),
    statusBefore: optional(isStatus),
    reasonBefore: optional(isText),
    effect: optional(isVerdict),
    ...ruleOfCheck,
  }),
  verdict: has({
    ...before,
    rule: isText,
    output: optional(isText),
    decidedBy: isListOf(
      has({
        ...found,
        check: isText,
        ...ruleOfCheck,
      }),
    ),
  }),
  drain: has({
    ...before,
    drain: value => value === null || isDrain(value),
    by: optional(isText),
  }),
  release: has({ ...before, releaseBefore: optional(isText) }),
  config: has({
    ...before,
    ...configured,
    outcome: isOneOf('taken', 'refused'),
    mistakes: optional(isListOf(isText)),
  }),
  peers: has({
    ...before,
    passing: value => value === null || isNumber(value),
    lonely: optional(isBoolean),
  }),
  alive: has({
    ...configured,
    states: optional(isListOf(isKnownState)),
    drain: optional(isDrain),
    peers: optional(isKnownPeers),
  }),
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
