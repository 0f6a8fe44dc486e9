import { Command as Program, CommanderError } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { isHung } from '../files/file-error.ts'
import { describeError } from '../lib/describe-error.ts'
import { printable } from '../lib/printable.ts'
import { version } from '../lib/version.ts'
import { appOption, commands, groups } from './commands.ts'
import type { Command } from './commands.ts'
import { exitCode } from './exit-code.ts'
import { print } from './outcome.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import { whichConfig } from './which-config.ts'

/** Runs the command that the arguments name, and answers its exit code. Never throws: a command that broke is 70. */
export const run = async (args: readonly string[], { out, err, env, ...rest }: Terminal): Promise<number> => {
  const terminal: Terminal = { ...rest, out, err: text => err(printable(text)), env }
  let code: number = exitCode.ok

  const perform = async (command: Command, options: Parameters<Command['run']>[0]): Promise<void> => {
    const app = appIn(command, { before: program.opts()['app'], after: options['app'] })
    const config = whichConfig({ app, config: options['config'] })
    const outcome = await command.run({ ...options, config }, terminal)
    code =
      typeof outcome === 'number' ? outcome : print(outcome, { ...terminal, json: options['json'] === true })
  }

  const program = createProgram(terminal, perform)
  const complain = (text: string, failure: number): number => {
    terminal.err(`${text}\n`)
    return failure
  }

  const [first] = withoutApp(args)
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
    if (isHung(error)) return complain(`health-sidecar: ${error.message}`, exitCode.broke)
    if (error instanceof UsageError) return complain(`health-sidecar: ${error.message}`, exitCode.usage)
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage
    return complain(`health-sidecar: broke: ${describeError(error)}`, exitCode.broke)
  }
}

/** The arguments from the command on. */
const withoutApp = (args: readonly string[]): readonly string[] => {
  if (args[0] === '--app') return args.slice(2)
  return args[0]?.startsWith('--app=') ? args.slice(1) : args
}

/** The app that is named before the command or after it. Throws a UsageError if the command has no use for it. */
const appIn = (
  { name, options }: Command,
  { before, after }: { readonly before: string | undefined; readonly after: string | undefined },
): string | undefined => {
  if (before !== undefined && !options.includes(appOption))
    throw new UsageError(`${name} reads no configuration; leave --app out`)
  if (before !== undefined && after !== undefined && before !== after)
    throw new UsageError(`found --app ${before} and --app ${after}; give one of them`)
  return after ?? before
}

/** What commander says of a wrong command line, and what to do. */
const complaintOf = (text: string, command?: string): string => {
  const what = text
    .replace(/^error: /, '')
    .replace(/\.?\n$/, '')
    .replaceAll('\n', ' ')
  const help = ['health-sidecar', ...(command === undefined ? [] : [command]), '--help'].join(' ')
  return `health-sidecar: ${what}; see \`${help}\`\n`
}

/** The table of commands as commander knows it. */
const createProgram = (
  { out, err }: Terminal,
  perform: (command: Command, options: Parameters<Command['run']>[0]) => Promise<void>,
): Program => {
  const prepared = (program: Program, name?: string): Program =>
    program.exitOverride().configureOutput({
      writeOut: out,
      writeErr: err,
      outputError: (text, write) => write(complaintOf(text, name)),
    })
  const program = prepared(new Program('health-sidecar'))
    .description("Answers a load balancer's GET /health for the web app on this host.")
    .version(version)
    // so that those of a command may be called the same
    .enablePositionalOptions()
    .option(...appOption)

  const inGroups = new Map<string, Program>()
  const groupOf = (name: string): Program => {
    const known = inGroups.get(name) ?? prepared(program.command(name), name).description(groups[name] ?? '')
    inGroups.set(name, known)
    return known
  }

  for (const command of commands) {
    const [name = '', nameInGroup] = command.name.split(' ')
    const parent = nameInGroup === undefined ? program : groupOf(name)
    const isDefault = command.isDefault === true
    const known = prepared(parent.command(nameInGroup ?? name, { isDefault }), command.name)
    known.description(command.summary)
    for (const option of command.options) known.option(...option)
    if (command.json !== undefined) known.option('--json', `print ${command.json} as JSON`)
    if (command.argument) {
      known.argument(...command.argument)
      known.action((argument: string | readonly string[], options: object) =>
        perform(command, { ...options, argument }),
      )
    } else known.action((options: object) => perform(command, options))
  }
  return program
}
