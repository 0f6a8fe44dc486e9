import type { CheckRecord, ConfigRecord, Counts, Decisive, DrainRecord, RecordBase, Rule } from './record.ts'

// What a history says, in sentences. A time is `<ISO time>`: only who shows it knows in which zone.

export const timeIn = (iso: string): string => `<${iso}>`

/** The first of the checks that decided, and what it counts as. */
type First = Partial<Decisive> & Pick<CheckRecord, 'effect'>

/** A sentence with its times as `show` writes them. */
export const withTimes = (sentence: string, show: (iso: string) => string): string =>
  sentence.replaceAll(/<(\d{4}-\d\d-\d\dT[\d:.]+Z)>/g, (_all, iso: string) => show(iso))

const holds = ({ cause = 'local', heldUntil, effect }: First): string => {
  if (effect === 'fail') return 'it has failed, and an unknown is no pass: it stays failing until it passes'
  const end = heldUntil === undefined ? 'for as long as it lasts' : `until ${timeIn(heldUntil)}`
  return `nothing is proved against this host: an unknown holds (cause: ${cause}), ${end}`
}

const threshold = (name: string, value: number | undefined): string =>
  value === undefined ? name : `${name} ${value}`

const sentences: Readonly<Record<Rule, (first: First) => string>> = {
  draining: () => 'a drain answers 503, whatever the checks find',
  starting: () => 'before its first pass, every required check must pass in several rounds in a row',
  'nothing-required': () => 'no check is required: what was not checked cannot pass',
  'all-pass': () => 'every required check passes',
  warning: () => 'a warning counts as 200',
  failed: ({ unhealthyThreshold }) =>
    `a required check fails (${threshold('unhealthy_threshold', unhealthyThreshold)})`,
  'below-unhealthy-threshold': ({ unhealthyThreshold }) =>
    `it fails less often in a row than counts (${threshold('unhealthy_threshold', unhealthyThreshold)})`,
  'below-healthy-threshold': ({ healthyThreshold }) =>
    `it passes less often in a row than counts (${threshold('healthy_threshold', healthyThreshold)})`,
  held: holds,
  'hold-expired': ({ cause = 'local' }) => `an unknown (cause: ${cause}) has lasted longer than hold allows`,
  alone: () => 'its peers do not see the trouble: it is this host’s own',
  'not-alone': () =>
    'no progress is proof only if the peers pass, in two sweeps running: the host holds until they do, or the app answers',
  unproven: () => 'before the first pass, an unknown counts as a failure',
  optional: () => 'a check that is not required can only warn',
  'asked-at-startup-only': () => 'the check has passed at the start, and counts no more',
}

/** The rule that decided, as a sentence. */
export const ruleSentence = (
  rule: Rule,
  { first = {}, startup }: { readonly first?: First | undefined; readonly startup?: RecordBase['startup'] },
): string => {
  const rounds = rule === 'starting' && startup ? ` (${startup.rounds} of ${startup.needed} have)` : ''
  return (sentences[rule]?.(first) ?? rule) + rounds
}

/** `page pass→fail  SMOKE_STATUS_UNEXPECTED` */
export const checkSentence = ({ check, status, reason, statusBefore, reasonBefore }: CheckRecord): string => {
  const change = statusBefore === undefined || statusBefore === status ? status : `${statusBefore}→${status}`
  const was = statusBefore === status && reasonBefore !== reason ? ` (was ${reasonBefore})` : ''
  return `${check} ${change}${reason === undefined ? '' : `  ${reason}`}${was}`
}

export const drainSentence = ({ drain, by }: DrainRecord): string => {
  if (!drain) return by === undefined ? 'the drain ends' : `resumed by ${by}`
  const who = drain.by === undefined ? '' : `, by ${drain.by}`
  const end = drain.until === undefined ? '' : `, until ${timeIn(drain.until)}`
  return `drain: ${drain.reason}${who}${end}`
}

export const configSentence = ({ outcome }: ConfigRecord): string =>
  outcome === 'taken'
    ? 'another configuration is in force'
    : 'a configuration is refused; the one before stays'

/** `6 probes got 503`; requests that were refused are no probes. */
export const countsSentence = (counts: Counts): string =>
  Object.entries(counts)
    .map(([status, count]) => {
      const noun = status === '200' || status === '503' ? 'probe' : 'other request'
      return `${count} ${noun}${count === 1 ? '' : 's'} got ${status}`
    })
    .join(', ')

export const addCounts = (a: Counts, b: Counts = {}): Counts => {
  const sum: Record<string, number> = { ...a }
  for (const [status, count] of Object.entries(b)) sum[status] = (sum[status] ?? 0) + count
  return sum
}
