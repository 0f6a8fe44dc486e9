import { execFile, spawnSync } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from '@cdktf/hcl2json'
import type { Ended } from '../../support/run-command.ts'

const REPOSITORY = join(import.meta.dirname, '../../..')
const CONFIG = join(REPOSITORY, 'config')

/** The path of an example. */
export const pathOf = (example: string): string => join(CONFIG, example)

/** The text of an example. */
export const readExample = (example: string): Promise<string> => readFile(pathOf(example), 'utf8')

/** For a test's `skip`: a line that says what this machine lacks; false where it lacks nothing. */
export const lacks = (...programs: readonly string[]): string | false => {
  const missing = programs.filter(program => spawnSync('which', [program]).status !== 0)
  return missing.length > 0 && `not installed: ${missing.join(', ')}`
}

/** Runs a program to its end. */
export const runProgram = (
  [program, ...args]: readonly [string, ...string[]],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<Ended> =>
  promisify(execFile)(program, args, { timeout: 60_000, ...options }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: Ended) => ({ code, stdout, stderr }),
  )

/** Makes a folder with programs for a PATH, as shell scripts. */
export const makePrograms = async (
  directory: string,
  programs: Readonly<Record<string, string>>,
): Promise<void> => {
  await mkdir(directory)
  for (const [name, command] of Object.entries(programs)) {
    await writeFile(join(directory, name), `#!/bin/sh\n${command}\n`)
    await chmod(join(directory, name), 0o755)
  }
}

/** A body of HCL: blocks are lists of bodies, expressions are texts in `${}`. */
export type Hcl = Readonly<Record<string, unknown>>

/** An example in HCL, as HashiCorp's own parser reads it. */
export const readHcl = async (example: string): Promise<Hcl> => parse(example, await readExample(example))

/** What is below these keys: of a list, its only member. Throws where there is no such thing. */
export const at = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((body, key) => {
    const found = (body as Hcl)[key]
    if (found === undefined)
      throw new Error(`there is no ${key} among ${Object.keys(body as Hcl).join(', ')}`)
    if (!Array.isArray(found)) return found
    if (found.length !== 1) throw new Error(`${key} is there ${found.length} times`)
    return found[0]
  }, value)

/** Replaces texts that must be there. */
export const replaceAll = (text: string, replacements: Readonly<Record<string, string>>): string =>
  Object.entries(replacements).reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`there is no ${from} in the example`)
    return changed.replaceAll(from, to)
  }, text)

/** The manual's table of the balancers' settings, by row: its numbers, of the Classic ELB and of the ALB. */
export const balancerSettings = async (): Promise<Readonly<Record<string, readonly number[]>>> => {
  const page = await readFile(join(REPOSITORY, 'docs/load-balancers.md'), 'utf8')
  const rows = page.matchAll(/^\| (interval|timeout|(?:un)?healthy threshold) \| (\d+).* \| (\d+).*\|$/gm)
  return Object.fromEntries(
    Array.from(rows, ([, name = '', ...numbers]) => [name.replace(' ', '_'), numbers.map(Number)]),
  )
}

/** The variables and AWS resources that bodies of HCL declare, and those that they refer to: `var.name`, `aws_elb.app`. */
export const namesIn = (
  bodies: readonly Hcl[],
): { readonly declared: ReadonlySet<string>; readonly referred: ReadonlySet<string> } => ({
  declared: new Set(
    bodies.flatMap(({ variable = {}, resource = {} }) => [
      ...Object.keys(variable as object).map(name => `var.${name}`),
      ...Object.entries(resource as object).flatMap(([type, named]) =>
        Object.keys(named as object).map(name => `${type}.${name}`),
      ),
    ]),
  ),
  referred: new Set(JSON.stringify(bodies).match(/\b(?:var|aws_\w+)\.\w+/g)),
})
