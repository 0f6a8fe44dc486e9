import type { StatusDocument } from '../status/status-document.ts'

export const exitCode = {
  ok: 0,
  /** of a Nagios plugin: 0 pass, 1 warn, 2 fail, 3 unknown */
  warn: 1,
  fail: 2,
  unknown: 3,
  /** the program could not do its work */
  error: 1,
  /** wrong usage (sysexits.h, EX_USAGE) */
  usage: 64,
  /** a wrong configuration (sysexits.h, EX_CONFIG); systemd: RestartPreventExitStatus=78 */
  config: 78,
} as const

/** A verdict as a Nagios plugin tells it. What stands against a pass is `unknown` where nothing is proved wrong. */
export const exitCodeOf = ({ status, checks }: StatusDocument): number => {
  if (status === 'pass') return exitCode.ok
  if (status === 'warn') return exitCode.warn
  const against = Object.values(checks).filter(([check]) => (check.effect ?? check.status) === 'fail')
  const allUnknown = against.length > 0 && against.every(([check]) => check.status === 'unknown')
  return allUnknown ? exitCode.unknown : exitCode.fail
}
