import { stripVTControlCharacters } from 'node:util'
import { run } from '../../src/cli/run.ts'

/** Runs a command of the program in this process: its exit code, and what it prints, without colours. */
export const runInProcess = async (
  args: readonly string[],
  { env = {} }: { readonly env?: Readonly<Record<string, string>> } = {},
) => {
  const printed = { out: '', err: '' }
  const code = await run(args, {
    out: text => void (printed.out += text),
    err: text => void (printed.err += text),
    env,
  })
  return { code, out: stripVTControlCharacters(printed.out), err: printed.err }
}

/** The same as another user than root: root may open and write every file. */
export const runAsNobody = async (args: readonly string[]) => {
  const isRoot = process.geteuid?.() === 0
  // what is loaded when it is needed must be loaded while files can be read
  if (isRoot) await runInProcess([args[0] ?? '', '--config', '/nonexistent', ...args.slice(3)])
  if (isRoot) process.seteuid?.(65_534)
  try {
    return await runInProcess(args)
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}
