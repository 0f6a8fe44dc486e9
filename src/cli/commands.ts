import type { OptionValues } from 'commander'
import type { Outcome } from './outcome.ts'
import type { Terminal } from './terminal.ts'

/** How an option is written, and what it does. */
type Option = readonly [flags: string, summary: string, defaultValue?: string]

/** One command of the program. */
export interface Command {
  /** `env discover` is the command `discover` of the group `env`. */
  readonly name: string
  readonly summary: string
  /** It runs if no command is named. */
  readonly isDefault?: true
  /** Its one argument, as the usage writes it, and what it is. */
  readonly argument?: readonly [usage: string, summary: string]
  readonly options: readonly Option[]
  /** What it prints with `--json`. A command without it has no such option. */
  readonly json?: string
  /**
   * Loads the command's own module and runs it, so that each start loads one command alone. Answers what to print,
   * for people or for machines; or the exit code, if the command prints by itself as it goes.
   */
  run(options: OptionValues, terminal: Terminal): Promise<Outcome | number>
}

const config: Option = [
  '-c, --config <file>',
  'the configuration; without it, the built-in one, filled from the environment',
]

/** Also an option of the program, before the command. */
export const appOption: Option = [
  '--app <name>',
  'the app of this name, configured by /etc/health-sidecar/NAME.yaml, on a host with several',
]

/** Of every command that reads a configuration. */
const whichConfig = [config, appOption]

/** Summaries of the groups: commands that only hold others. */
export const groups: Readonly<Record<string, string>> = { env: 'help with the contract of an environment' }

/** Every command, in the order of `--help`. To add one: a file of its own, and an entry here. */
export const commands: readonly Command[] = [
  {
    name: 'serve',
    summary: 'the daemon (the default command)',
    isDefault: true,
    options: whichConfig,
    run: async (options, terminal) => (await import('./serve.ts')).serveCommand(options, terminal),
  },
  {
    name: 'check',
    summary: 'run every check once, now, as before a first pass',
    options: [
      ...whichConfig,
      ['--only <name>', 'only this check, with what it depends on'],
      ['--as-service', 'as the service sees it: as its user, in its sandbox, with its configuration'],
    ],
    json: 'the status document',
    run: async (options, terminal) => (await import('./check.ts')).checkCommand(options, terminal),
  },
  {
    name: 'wait',
    summary: 'wait until this host is in service, and show how far it has come',
    options: [
      ...whichConfig,
      ['--timeout <duration>', 'how long', '5m'],
      ['--release <release>', 'only a host with this release counts'],
      ['--fail-fast', 'give up as soon as a check proves this host wrong'],
      ['--no-daemon', 'run the checks here; do not ask the daemon'],
    ],
    json: 'each change on a line',
    run: async (options, terminal) => (await import('./wait.ts')).waitCommand(options, terminal),
  },
  {
    name: 'status',
    summary: 'show what the running daemon thinks, and why',
    options: [
      ...whichConfig,
      ['--watch', 'go on showing it: in place on a terminal, else a line for each change'],
    ],
    json: 'the status document',
    run: async (options, terminal) => (await import('./status.ts')).statusCommand(options, terminal),
  },
  {
    name: 'explain',
    summary: 'tell what was answered, why, and by which rule; with the daemon up or down',
    options: [
      ...whichConfig,
      ['--since <time>', 'from when on: 1h (without it), 03:14, or an ISO time'],
      ['--at <time>', 'where things stood at that time'],
      ['--state-dir <dir>', 'read the history in this directory; ask no daemon'],
    ],
    json: 'the changes, or the moment,',
    run: async (options, terminal) => (await import('./explain.ts')).explainCommand(options, terminal),
  },
  {
    name: 'replay',
    summary: 'tell what another configuration would have answered to a recorded history',
    argument: ['<history...>', 'history.jsonl of a host, or its directory; one or several'],
    options: whichConfig,
    json: 'the differences',
    run: async ({ argument, ...options }, terminal) =>
      (await import('./replay.ts')).replayCommand({ argument, ...options }, terminal),
  },
  {
    name: 'drain',
    summary: 'take this host out of service, for a time',
    options: [
      ...whichConfig,
      ['--reason <text>', 'why; everybody who looks will see it'],
      ['--for <duration>', 'when it ends by itself, such as 30m'],
      ['--until-resumed', 'no end but `resume`'],
    ],
    json: 'what is in force',
    run: async (options, terminal) => (await import('./drain.ts')).drainCommand(options, terminal),
  },
  {
    name: 'resume',
    summary: 'put this host back into service: end a drain',
    options: whichConfig,
    json: 'what is in force',
    run: async (options, terminal) => (await import('./resume.ts')).resumeCommand(options, terminal),
  },
  {
    name: 'reload',
    summary: 're-read the configuration of the running daemon; the exit code says whether it was taken',
    options: whichConfig,
    json: 'what came of it',
    run: async (options, terminal) => (await import('./reload.ts')).reloadCommand(options, terminal),
  },
  {
    name: 'config',
    summary: 'validate the configuration, and print what is in force, secrets masked',
    options: whichConfig,
    json: 'the configuration in force',
    run: async (options, terminal) => (await import('./config.ts')).configCommand(options, terminal),
  },
  {
    name: 'manifest',
    summary: 'compare the manifest of a release’s migrations with its directories, when the release is built',
    options: [['--verify <file>', 'the manifest, as health_manifest.py wrote it']],
    json: 'the result',
    run: async options => (await import('./manifest.ts')).manifestCommand(options),
  },
  {
    name: 'env discover',
    summary: 'print a JSON Schema of the variables that a code base reads, as a start for its author',
    argument: ['<dir>', 'a code base'],
    options: [],
    run: async ({ argument }, terminal) =>
      (await import('./env-discover.ts')).envDiscoverCommand(argument, terminal),
  },
]
