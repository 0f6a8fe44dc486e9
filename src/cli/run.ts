import { Command, CommanderError } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { isHung } from '../files/file-error.ts'
import { version } from '../lib/version.ts'
import { exitCode } from './exit-code.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** Runs the command that the arguments name, and gives its exit code. */
export const run = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  let code: number = exitCode.ok
  const program = new Command('health-sidecar')
    .description("Answers a load balancer's GET /health for the web app on this host.")
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })

  const command = (name: string, description: string, isDefault = false): Command =>
    program
      .command(name, { isDefault })
      .description(description)
      .exitOverride()
      .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })

  const configured = (name: string, description: string, isDefault = false): Command =>
    command(name, description, isDefault).option(
      '-c, --config <file>',
      'the configuration; without it, the built-in one, filled from the environment',
    )

  configured('serve', 'the daemon (the default command)', true).action(async options => {
    const { serveCommand } = await import('./serve.ts')
    code = await serveCommand(options, terminal)
  })
  configured('check', 'every check once, now, as before a first pass')
    .option('--json', 'print the status document')
    .option('--only <name>', 'only this check, with what it depends on')
    .action(async options => {
      const { checkCommand } = await import('./check.ts')
      code = await checkCommand(options, terminal)
    })
  configured('status', 'what the running daemon thinks, and why')
    .option('--json', 'print the status document')
    .action(async options => {
      const { statusCommand } = await import('./status.ts')
      code = await statusCommand(options, terminal)
    })
  configured('config', 'validate the configuration, and print what is in force, secrets masked').action(
    async options => {
      const { configCommand } = await import('./config.ts')
      code = await configCommand(options, terminal)
    },
  )

  command(
    'manifest',
    'whether the manifest of a release’s migrations and its directories agree; for its build',
  )
    .option('--verify <file>', 'the manifest, as health_manifest.py wrote it')
    .action(async options => {
      const { manifestCommand } = await import('./manifest.ts')
      code = await manifestCommand(options, terminal)
    })

  command('env', 'help with the contract of an environment')
    .command('discover')
    .argument('<dir>', 'a code base')
    .description('print a JSON Schema of the variables that a code base reads, as a start for its author')
    .action(async (dir: string) => {
      const { envDiscoverCommand } = await import('./env-discover.ts')
      code = await envDiscoverCommand(dir, terminal)
    })

  const [first] = args
  const names = program.commands.map(known => known.name())
  if (first !== undefined && !first.startsWith('-') && ![...names, 'help'].includes(first))
    return complain(
      `health-sidecar: no command is called ${JSON.stringify(first)}; there are ${names.join(', ')}`,
      exitCode.usage,
    )

  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof ConfigError) return complain(error.message, exitCode.config)
    if (isHung(error)) return complain(`health-sidecar: ${error.message}`, exitCode.error)
    if (error instanceof UsageError) return complain(`health-sidecar: ${error.message}`, exitCode.usage)
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage
    throw error
  }

  function complain(text: string, failure: number): number {
    terminal.err(`${text}\n`)
    return failure
  }
}
