import { run } from '../../src/cli/run.ts'

/** What `--help` tells of one command. */
export interface CommandHelp {
  /** As it is called, such as `env discover`; empty for the program itself. */
  readonly command: string
  readonly commands: readonly string[]
  /** The long names, such as `--config`. */
  readonly options: readonly string[]
  /** The short names, such as `-c`. */
  readonly shortOptions: readonly string[]
}

const helpOf = async (words: readonly string[]): Promise<CommandHelp> => {
  let help = ''
  await run([...words, '--help'], { out: text => (help += text), err: () => {}, env: {} })
  const names = (pattern: RegExp) => Array.from(help.matchAll(pattern), ([, name = '']) => name)
  return {
    command: words.join(' '),
    commands: names(/(?<=^Commands:[^]*)^ {2}([a-z]+)/gm),
    options: names(/^ {2}(?:-\w, )?(--[a-z-]+)/gm),
    shortOptions: names(/^ {2}(-\w), /gm),
  }
}

/** Of the program and all of its commands, the program first. */
export const commandHelps = async (words: readonly string[] = []): Promise<readonly CommandHelp[]> => {
  const help = await helpOf(words)
  const below = help.commands.filter(name => name !== 'help').map(name => commandHelps([...words, name]))
  return [help, ...(await Promise.all(below)).flat()]
}
