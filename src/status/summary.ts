import { answerOf } from '../core/answer.ts'
import { commandText } from '../lib/command-text.ts'
import { durationText } from '../lib/duration-text.ts'
import { listNames } from '../lib/list-names.ts'
import type { CheckDocument, StatusDocument } from './status-document.ts'

/**
 * What kind of trouble there is: it is this host's own; it is not proved to be; all hosts share it; the app is busy; the
 * sidecar cannot look; a check warns; the host was taken out on purpose.
 */
export type TroubleKind = 'own' | 'unproved' | 'shared' | 'busy' | 'local' | 'warning' | 'purpose'

/** The answers to what an operator asks first. */
export interface Summary {
  /** Whether the host is in service, in a word. */
  readonly state: 'SERVING' | 'FAILING' | 'STARTING' | 'DRAINING'
  /** What the load balancer gets, and for how long it has. */
  readonly answer: string
  /** Whose trouble it is; absent if there is none. */
  readonly whose?: string
  readonly kind?: TroubleKind
  /** The name of the check that tells best what is wrong; absent if none does. */
  readonly check?: string
  /** What happens next if nobody does anything; absent if nothing does. */
  readonly next?: string
  /** What to do; absent if there is nothing to do. */
  readonly toDo?: string
}

/** Of a summary, what is not the same in each state. */
type Trouble = Omit<Summary, 'state' | 'answer'>
type Named = readonly [name: string, check: CheckDocument]

/** More names than this are counted. */
const MOST_NAMES = 3

const names = (checks: readonly Named[]): string =>
  listNames(
    checks.map(([name]) => name),
    MOST_NAMES,
  )

const sinceNow = (iso: string | undefined, now: Date): number =>
  iso === undefined ? 0 : now.getTime() - new Date(iso).getTime()

/** `12m, at 03:44:00Z`; a time that was reached already is `now`. */
const inTime = (iso: string, now: Date): string => {
  const leftMs = -sinceNow(iso, now)
  return leftMs > 0 ? `in ${durationText(leftMs)}, at ${timeText(iso, now)}` : 'now'
}

/** The time of day in UTC; with its date if that is not today. */
const timeText = (iso: string, now: Date): string => {
  const [date, time = ''] = new Date(iso).toISOString().split('T')
  const isToday = now.toISOString().startsWith(`${date}T`)
  return `${isToday ? '' : `${date} `}${time.slice(0, 8)}Z`
}

const untilTheyPass = (checks: readonly Named[]): string =>
  `503 until ${checks.length === 1 ? 'it passes' : 'they pass'}`

const effectOf = (check: CheckDocument): string => check.effect ?? check.status

const messageOf = ([name, { output }]: Named): string => `${name}: ${output ?? 'it does not pass'}`

/** An unknown that names no cause is the sidecar's own, but for a dependency's, which the reason tells. */
const causeOf = ({ cause, reason }: CheckDocument): CheckDocument['cause'] =>
  cause ?? (reason === 'DEPENDENCY_NOT_PASSING' ? 'shared' : 'local')

/** What a check that others depend on says is nearer to the cause than what they say. */
const rootsOf = (checks: readonly Named[]): readonly Named[] => {
  const roots = checks.filter(([, { reason }]) => reason !== 'DEPENDENCY_NOT_PASSING')
  return roots.length > 0 ? roots : checks
}

/** The check that tells best what is wrong, and in the place of advice, what it says. */
const told = (check: Named): Pick<Summary, 'check' | 'toDo'> => ({ check: check[0], toDo: messageOf(check) })

/** Whether the drain that a document shows is one for a lifecycle notice: `resume` does not end it. */
export const isDrainForNotice = ({ drain, lifecycle }: StatusDocument): boolean =>
  lifecycle?.drainedSince !== undefined && drain?.by === 'lifecycle' && drain.reason === lifecycle.reason

/** Of an operator's drain, and of one for a lifecycle notice, which may come on top. */
const draining = (document: StatusDocument, now: Date): Trouble => {
  const { drain, lifecycle, output, serviceId } = document
  const resume = `\`${commandText('resume', serviceId)}\``
  if (!drain)
    return {
      kind: 'purpose',
      whose: `nobody's: the daemon was told to stop${output === undefined ? '' : ` (${output.replace('draining: ', '')})`}`,
      next: 'the daemon ends',
      toDo: 'start it again, unless a restart or an upgrade does',
    }
  const notice = lifecycle?.drainedSince === undefined ? undefined : lifecycle.reason
  const since = drain.since === undefined ? '' : `, since ${timeText(drain.since, now)}`
  if (isDrainForNotice(document))
    return {
      kind: 'purpose',
      whose: `nobody's: ${drain.reason}${since}`,
      next: `stays out until that is withdrawn; ${resume} does not end it`,
    }
  const by = drain.by === undefined ? '' : `, by ${drain.by}`
  const after = notice === undefined ? '' : `; it stays out even then: ${notice}`
  return {
    kind: 'purpose',
    whose: `nobody's: taken out on purpose (${drain.reason}${by}${since})`,
    next: `${
      drain.until === undefined ? `stays out until ${resume}` : `the drain ends ${inTime(drain.until, now)}`
    }${after}`,
    ...(notice === undefined && { toDo: `${resume} puts the host back` }),
  }
}

const starting = ({ startup, checks }: StatusDocument): Trouble => {
  const failing = Object.entries(checks).flatMap(([name, [check]]): Named[] =>
    effectOf(check) === 'fail' ? [[name, check]] : [],
  )
  const { rounds = 0, needed = 1 } = startup ?? {}
  const more = needed - rounds
  const left = `${more} more ${more === 1 ? 'round' : 'rounds'} must pass (${rounds} of ${needed} have)`
  const first = failing.find(([, { status }]) => status === 'fail') ?? rootsOf(failing)[0]
  if (!first) return { next: startup ? `200 after the start: ${left}` : '200 after the start' }
  const isProved = first[1].status === 'fail'
  return {
    kind: isProved ? 'own' : 'unproved',
    whose: isProved ? `this host's: ${names(failing)}` : `not known yet: ${names(failing)}`,
    next: startup ? `${untilTheyPass(failing)}; then ${left}` : untilTheyPass(failing),
    ...told(first),
  }
}

const sharedAdvice = 'repair what all hosts use; do not replace this host'

const held = (unknown: readonly Named[], now: Date): Trouble => {
  const of = (cause: CheckDocument['cause']): Named[] =>
    unknown.filter(([, check]) => causeOf(check) === cause)
  const [shared, busy, local] = [of('shared'), of('busy'), of('local')]
  const roots = rootsOf(shared)
  const whose = [
    ...(shared.length > 0 ? [`not this host's: something that all hosts use (${names(roots)})`] : []),
    ...(busy.length > 0 ? [`the load's: the app is slow, but makes progress (${names(busy)})`] : []),
    ...(local.length > 0 ? [`not known: the sidecar cannot look (${names(local)})`] : []),
  ]
  const [ends] = unknown.flatMap(([, { heldUntil }]) => heldUntil ?? []).sort()
  const [blind] = local
  const [first] = [...local, ...roots, ...busy]
  return {
    kind: blind ? 'local' : shared.length > 0 ? 'shared' : 'busy',
    whose: whose.join('; '),
    next: ends === undefined ? 'it holds for as long as that lasts' : `the hold ends ${inTime(ends, now)}`,
    ...(first && { check: first[0] }),
    toDo: blind
      ? messageOf(blind)
      : shared.length > 0
        ? sharedAdvice
        : 'add capacity; do not replace this host',
  }
}

const serving = ({ checks }: StatusDocument, now: Date): Trouble => {
  const all = Object.entries(checks).map(([name, [check]]): Named => [name, check])
  const failing = all.filter(([, check]) => effectOf(check) === 'fail')
  const proved = failing.find(([, { status }]) => status === 'fail')
  if (proved)
    return {
      kind: 'own',
      whose: `this host's: ${names(failing)}`,
      next: untilTheyPass(failing),
      ...told(proved),
    }
  const [unproved] = rootsOf(failing)
  if (unproved)
    return {
      kind: 'unproved',
      whose: `not proved to be this host's: ${names(failing)}`,
      next: untilTheyPass(failing),
      ...told(unproved),
    }
  const unknown = all.filter(([, { status }]) => status === 'unknown')
  if (unknown.length > 0) return held(unknown, now)
  const warning = all.filter(([, check]) => effectOf(check) === 'warn')
  const [first] = warning
  return first ? { kind: 'warning', whose: `not decisive: ${names(warning)}`, ...told(first) } : {}
}

/** What a status document means to a person. Pure. */
export const summaryOf = (document: StatusDocument, now: Date): Summary => {
  const forTime = document.since === undefined ? '' : ` for ${durationText(sinceNow(document.since, now))}`
  const code = answerOf(document.status)
  const answer = `${code}${forTime}`
  if (document.phase === 'draining') return { state: 'DRAINING', answer, ...draining(document, now) }
  if (document.phase === 'starting') return { state: 'STARTING', answer, ...starting(document) }
  return { state: code === 200 ? 'SERVING' : 'FAILING', answer, ...serving(document, now) }
}
