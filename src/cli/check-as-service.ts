import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { exists } from '../files/exists.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import { describeError } from '../lib/describe-error.ts'
import { listNames } from '../lib/list-names.ts'
import { isSystemdRunning } from '../systemd/is-running.ts'
import { exitCode } from './exit-code.ts'
import { serviceView } from './service-view.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const UNIT_DIRECTORIES = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system']

/** Whether this process is root, typed by hand on a host whose service is another user in a sandbox: it sees more. */
export const seesMoreThanService = async (unit: string, env: ProcessEnv): Promise<boolean> => {
  if (process.geteuid?.() !== 0 || env['INVOCATION_ID'] !== undefined || !(await isSystemdRunning()))
    return false
  const file = unit.replace(/@.*\./, '@.')
  const found = await Promise.all(UNIT_DIRECTORIES.map(directory => exists(`${directory}/${file}`)))
  return found.includes(true)
}

const textOf = async (unit: string): Promise<string> => {
  try {
    return (await promisify(execFile)('systemctl', ['--no-pager', 'cat', '--', unit])).stdout
  } catch (error) {
    throw new UsageError(
      `--as-service: systemd does not tell what is in ${unit} (${describeError(error)}); it is for a host with that unit`,
    )
  }
}

/**
 * Runs `check` as the process of a service would be run: as its user, in its sandbox, with its environment and its
 * configuration. Drop-ins count, whether the service runs or not. Prints what that check prints. Throws a UsageError.
 */
export const checkAsService = async (
  unit: string,
  args: readonly string[],
  { out, err, env }: Pick<Terminal, 'out' | 'err' | 'env'>,
): Promise<number> => {
  const runsAs = `health-sidecar-check-${process.pid}.service`
  const view = serviceView(await textOf(unit), { unit, runsAs })
  if (!view) throw new UsageError(`--as-service: ${unit} has no ExecStart=`)
  if (view.unknown.length > 0)
    throw new UsageError(
      `--as-service: ${unit} has ${listNames(view.unknown, 3)}, which only systemd can replace; write the value there`,
    )
  const command = [...view.command.map(word => (word === 'serve' ? 'check' : word)), ...args]
  let { settings } = view
  for (;;) {
    const ran = await runWith(command, { runsAs, settings }, { out, err, env })
    if (ran.hasRun) return ran.code
    // in a unit, an older systemd passes over what it does not know
    const [, unknown = ''] = /Unknown assignment: (\w+=.*)/.exec(ran.said) ?? []
    const known = settings.filter(setting => setting !== unknown)
    if (known.length === settings.length) {
      const why = [ran.said.trim(), describeStart(ran.code)].filter(text => text !== '').join('; ')
      err(
        `health-sidecar: systemd could not run the check as ${unit} does (${ran.code ?? 'killed'}): ${why}\n`,
      )
      return exitCode.broke
    }
    settings = known
  }
}

type Ran =
  | { readonly hasRun: true; readonly code: number }
  /** `said`: what systemd-run said about it */
  | { readonly hasRun: false; readonly code: number | null; readonly said: string }

const runWith = async (
  command: readonly string[],
  { runsAs, settings }: { readonly runsAs: string; readonly settings: readonly string[] },
  { out, err, env }: Pick<Terminal, 'out' | 'err' | 'env'>,
): Promise<Ran> => {
  const how = [`--unit=${runsAs}`, '--pipe', '--wait', '--quiet', '--collect', '--service-type=exec']
  const child = spawn(
    'systemd-run',
    [...how, ...settings.flatMap(setting => ['-p', setting]), '--', ...command],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, LC_ALL: 'C.UTF-8' },
    },
  )
  let hasPrinted = false
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    hasPrinted = true
    out(text)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (said += text))
  const [code = null]: (number | null)[] = await once(child, 'close')
  const isRefused = code === exitCode.config || code === exitCode.usage
  if (code === null || !(hasPrinted || isRefused)) return { hasRun: false, code, said }
  err(said)
  return { hasRun: true, code }
}

/** What systemd.exec(5) says of the exit code of a process that could not be started. */
const describeStart = (code: number | null): string => {
  if (code === 216) return 'a group of SupplementaryGroups= does not exist'
  if (code === 217) return 'its user does not exist, or the host allows no user namespaces'
  if (code === 243) return 'a file of LoadCredential= does not exist'
  if (code === 226) return 'a path of its sandbox does not exist'
  return 'systemctl status of the service may say why; only root may do this'
}
