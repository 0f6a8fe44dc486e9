import type { StatusDocument } from '../status/status-document.ts'

export const exitCode = {
  ok: 0,
  /** of a Nagios plugin: 0 pass, 1 warn, 2 fail, 3 unknown */
  warn: 1,
  fail: 2,
  unknown: 3,
  /** wrong usage (sysexits.h, EX_USAGE) */
  usage: 64,
  /** the program itself could not do its work (sysexits.h, EX_SOFTWARE) */
  broke: 70,
  /** a wrong configuration (sysexits.h, EX_CONFIG); systemd: RestartPreventExitStatus=78 */
  config: 78,
} as const

/** The exit code of a Nagios plugin. A `fail` that rests on unknowns alone is `unknown`: nothing is proved wrong. */
export const exitCodeOf = ({ status, checks }: Pick<StatusDocument, 'status' | 'checks'>): number => {
  if (status === 'pass') return exitCode.ok
  if (status === 'warn') return exitCode.warn
  const failing = Object.values(checks).filter(([check]) => (check.effect ?? check.status) === 'fail')
  const allUnknown = failing.length > 0 && failing.every(([check]) => check.status === 'unknown')
  return allUnknown ? exitCode.unknown : exitCode.fail
}
