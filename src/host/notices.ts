import type { MetadataAnswer } from '../connect/instance-metadata.ts'
import { isMapping, parseJson } from '../lib/json.ts'

/** What EC2 and the scaling group have in store for this instance. What is absent was not said. */
export interface Notices {
  /** EC2 takes a spot instance back. */
  readonly spot?: {
    readonly action: 'terminate' | 'stop' | 'hibernate'
    /** ISO time, if EC2 names one */
    readonly time?: string
  }
  /** ISO time since when EC2 recommends to replace this spot instance, as its risk of interruption is high. */
  readonly rebalance?: string
  /** Where the scaling group moves this instance: `InService`, `Standby`, `Terminated`, `Warmed:Stopped`, … */
  readonly targetState?: string
}

/** What one look found of a fact: its value, nothing of the kind, or no answer that can be used. */
export type Seen<Fact> =
  | { readonly kind: 'value'; readonly value: Fact }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly why: string }

export interface Look {
  readonly spot: Seen<NonNullable<Notices['spot']>>
  readonly rebalance: Seen<string>
  readonly targetState: Seen<string>
}

/** The paths below `/latest/meta-data/`. */
export const noticePaths = {
  spot: 'spot/instance-action',
  rebalance: 'events/recommendations/rebalance',
  targetState: 'autoscaling/target-lifecycle-state',
} as const

/** One look without a notice may be a hiccup. */
const WITHDRAWN_AFTER_LOOKS = 3

const actions = ['terminate', 'stop', 'hibernate'] as const
/** `InService`, `Warmed:Stopped`. */
const STATE = /^[A-Z][A-Za-z]{1,30}(:[A-Z][A-Za-z]{1,30})?$/
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

const timeIn = (value: unknown): string | undefined =>
  typeof value === 'string' && ISO_TIME.test(value) ? value : undefined

const spotOf = (content: unknown): Notices['spot'] => {
  if (!isMapping(content)) return undefined
  const action = actions.find(known => known === content['action'])
  const time = timeIn(content['time'])
  return action && { action, ...(time !== undefined && { time }) }
}

const rebalanceOf = (content: unknown): string | undefined =>
  isMapping(content) ? timeIn(content['noticeTime']) : undefined

const stateOf = (value: unknown): string | undefined =>
  typeof value === 'string' && STATE.test(value) ? value : undefined

/** The notices in a JSON value, such as one that was kept in a file. Anything else is left out. */
export const noticesOf = (value: unknown): Notices => {
  if (!isMapping(value)) return {}
  const spot = spotOf(value['spot'])
  const rebalance = timeIn(value['rebalance'])
  const targetState = stateOf(value['targetState'])
  return {
    ...(spot && { spot }),
    ...(rebalance !== undefined && { rebalance }),
    ...(targetState !== undefined && { targetState }),
  }
}

/** Reads what the service answered for one path. */
const seenIn = <Fact>(
  answer: MetadataAnswer,
  { path, read }: { readonly path: string; readonly read: (text: string) => Fact | undefined },
): Seen<Fact> => {
  if (answer.kind !== 'value') return answer
  const value = read(answer.text)
  return value === undefined
    ? { kind: 'unknown', why: `answered with something else to a request for ${path}` }
    : { kind: 'value', value }
}

/** Reads three answers. */
export const lookIn = (answers: Readonly<Record<keyof Look, MetadataAnswer>>): Look => ({
  spot: seenIn(answers.spot, { path: noticePaths.spot, read: text => spotOf(parseJson(text)) }),
  rebalance: seenIn(answers.rebalance, {
    path: noticePaths.rebalance,
    read: text => rebalanceOf(parseJson(text)),
  }),
  targetState: seenIn(answers.targetState, {
    path: noticePaths.targetState,
    read: text => stateOf(text.trim()),
  }),
})

/** Notices, and how many looks in a row did not find each of them. */
export interface KnownNotices {
  readonly notices: Notices
  readonly missed: Readonly<Record<keyof Look, number>>
}

/** Notices that were known before, such as by the program before this one. */
export const knownAs = (notices: Notices): KnownNotices => ({
  notices,
  missed: { spot: 0, rebalance: 0, targetState: 0 },
})

/**
 * Takes in one look. A notice is withdrawn once three looks in a row have found none; a look that has no answer withdraws
 * nothing. Another value counts at once.
 */
export const afterLook = ({ notices, missed }: KnownNotices, look: Look): KnownNotices => {
  const missedNow = (name: keyof Look): number => {
    if (look[name].kind === 'unknown') return missed[name]
    return look[name].kind === 'absent' ? missed[name] + 1 : 0
  }
  const counts = {
    spot: missedNow('spot'),
    rebalance: missedNow('rebalance'),
    targetState: missedNow('targetState'),
  }
  const next = <Fact>(name: keyof Look, seen: Seen<Fact>, before: Fact | undefined): Fact | undefined => {
    if (seen.kind === 'value') return seen.value
    return counts[name] < WITHDRAWN_AFTER_LOOKS ? before : undefined
  }
  const spot = next('spot', look.spot, notices.spot)
  const rebalance = next('rebalance', look.rebalance, notices.rebalance)
  const targetState = next('targetState', look.targetState, notices.targetState)
  return {
    notices: {
      ...(spot && { spot }),
      ...(rebalance !== undefined && { rebalance }),
      ...(targetState !== undefined && { targetState }),
    },
    missed: counts,
  }
}

/** Why this host must leave service; undefined if no notice says so. */
export const drainReasonOf = ({ spot, targetState }: Notices): string | undefined => {
  const at = spot?.time === undefined ? '' : ` at ${spot.time}`
  const reasons = [
    ...(spot ? [`EC2 will ${spot.action} this spot instance${at}`] : []),
    ...(targetState === 'Terminated' ? ['the scaling group terminates this instance'] : []),
  ]
  return reasons.length === 0 ? undefined : reasons.join('; ')
}

/** What an operator should know, and do, of notices that drain nothing. */
export const adviceOf = ({ rebalance, targetState = '' }: Notices): readonly string[] => [
  ...(rebalance === undefined
    ? []
    : [
        `EC2 recommends since ${rebalance} to replace this spot instance: it may soon be taken back; let the group launch another`,
      ]),
  ...(targetState === 'Standby'
    ? [
        'the scaling group has this host in Standby: no balancer sends it traffic; `aws autoscaling exit-standby` puts it back',
      ]
    : []),
  ...(targetState === 'Detached'
    ? ['the scaling group gives this host up (Detached): nothing replaces it']
    : []),
  ...(targetState.startsWith('Warmed:')
    ? [`this host waits in the scaling group’s warm pool (${targetState}): no balancer sends it traffic yet`]
    : []),
]

/** Whether the scaling group keeps this host from the balancer, so that nobody probes it. */
export const isOutOfService = (targetState = ''): boolean =>
  targetState === 'Standby' || targetState === 'Detached' || targetState.startsWith('Warmed:')
