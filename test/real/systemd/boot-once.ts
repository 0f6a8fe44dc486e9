import { spawnSync } from 'node:child_process'
import { basename } from 'node:path'
import { JOIN_GROUPS, MAKE_GROUPS, REMOVE_GROUPS } from '../../support/control-groups.ts'

/** Boots as $1, and answers the exit code of systemd-nspawn, whose arguments follow. */
const BOOT = `
  group=$1
  shift
  ${MAKE_GROUPS}
  code=0
  (
    ${JOIN_GROUPS}
    exec timeout --kill-after=5 --signal=KILL "$@"
  ) || code=$?
  ${REMOVE_GROUPS}
  exit $code`

/**
 * Boots a Debian that powers itself off after it has run a unit. What it writes is in memory, but in `directory`, which it
 * has as /work. Answers the exit code. Several may run at once, also from one root.
 */
export const bootOnce = (
  root: string,
  {
    directory,
    files,
    unit,
    timeoutS,
  }: {
    /** Its name has to be this host's alone. */
    readonly directory: string
    /** Files and directories that it can read: from here to there. */
    readonly files: Readonly<Record<string, string>>
    readonly unit: string
    readonly timeoutS: number
  },
): number | null => {
  const nspawn = [
    ...'systemd-nspawn --quiet --register=no --keep-unit --private-network --volatile=overlay'.split(' '),
    `--machine=${basename(directory)}`,
    `--directory=${root}`,
    `--bind=${directory}:/work`,
    ...Object.entries(files).map(([from, to]) => `--bind-ro=${from}:${to}`),
    '--boot',
    '--',
    `--unit=${unit}`,
  ]
  const args = ['-c', BOOT, 'sh', basename(directory), String(timeoutS), ...nspawn]
  return spawnSync('sh', args, { stdio: 'ignore' }).status
}
