import type { CheckDocument, StatusDocument } from '../status/status-document.ts'

/** How far a host has come, as `wait` tells it. */
export interface Progress {
  readonly isReached: boolean
  /** A check has proved this host wrong: waiting longer helps only if somebody repairs it. */
  readonly isProof: boolean
  /** Where the host is: `starting 1/5`. */
  readonly state: string
  /** The checks that keep it from a pass, each with its reason. */
  readonly against: readonly string[]
  /** The same as long as nothing changes but numbers in messages. */
  readonly key: string
}

const effectOf = ({ effect, status }: CheckDocument): string => effect ?? status

const stateOf = (
  { phase, status, startup, drain, output, releaseId }: StatusDocument,
  release: string | undefined,
): string => {
  if (phase === 'draining') return `draining (${drain?.reason ?? output ?? 'no reason given'})`
  const isOther = release !== undefined && releaseId !== release
  const other = isOther ? ` release ${releaseId ?? 'unknown'}, not ${release}` : ''
  if (phase === 'starting') return `starting${startup ? ` ${startup.rounds}/${startup.needed}` : ''}${other}`
  return (status === 'fail' ? 'failing' : 'serving') + other
}

/** Pure. With a release, only a host that has it is there. */
export const progressOf = (document: StatusDocument, release: string | undefined): Progress => {
  const { status, phase, checks, releaseId, startup } = document
  const isRelease = release === undefined || releaseId === release
  const failing = Object.entries(checks).flatMap(([name, [check]]) =>
    effectOf(check) === 'fail' ? [{ name, check }] : [],
  )
  const state = stateOf(document, release)
  return {
    isReached: status !== 'fail' && phase === 'serving' && isRelease,
    isProof: isRelease && phase !== 'draining' && failing.some(({ check }) => check.status === 'fail'),
    state,
    against: failing.map(({ name, check: { reason = 'not yet often enough', output } }) =>
      output === undefined ? `${name}: ${reason}` : `${name}: ${reason} ${output}`,
    ),
    key: JSON.stringify([
      state,
      startup,
      failing.map(({ name, check: { status: found, reason } }) => [name, found, reason]),
    ]),
  }
}
