import { parseArgs } from 'node:util'
import { UsageError } from '../../src/cli/usage-error.ts'

export interface Arguments {
  readonly traces: number
  readonly hosts: number
  readonly seed: number
  /** Of all of them, if empty. */
  readonly policies: readonly string[]
  readonly threads: number
  readonly json: boolean
  /** An hour of all hosts on one database, and no traces. */
  readonly scale: boolean
  /** The only trace to run, with its story. */
  readonly trace: number | undefined
}

const USAGE =
  'npm run simulate -- [--traces 1000] [--hosts 20] [--seed S] [--policy NAME]… [--json] [--trace N] [--scale] [--threads N]'

const options = {
  traces: { type: 'string', default: '1000' },
  hosts: { type: 'string', default: '20' },
  seed: { type: 'string' },
  policy: { type: 'string', multiple: true },
  threads: { type: 'string', default: '2' },
  json: { type: 'boolean', default: false },
  scale: { type: 'boolean', default: false },
  trace: { type: 'string' },
} as const

const wrong = (what: string): UsageError => new UsageError(`${what}; usage: ${USAGE}`)

const whole = (name: string, text: string, range: { readonly from: number; readonly to: number }): number => {
  const value = Number(text)
  const { from, to } = range
  if (/^\d+$/.test(text) && value >= from && value <= to) return value
  throw wrong(`--${name} takes a whole number from ${from} to ${to}, and not ${JSON.stringify(text)}`)
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw wrong(error instanceof Error ? error.message.split('.')[0]! : 'the options cannot be read')
  }
}

const policiesOf = (given: readonly string[], known: readonly string[]): readonly string[] => {
  const names = given.flatMap(text => text.split(','))
  if (names.includes('all')) return known
  const unknown = names.find(name => !known.includes(name))
  if (unknown !== undefined)
    throw wrong(`there is no policy ${JSON.stringify(unknown)}; there are all, ${known.join(', ')}`)
  return [...new Set(names)]
}

/** Reads a command line. Without `--seed`, `freshSeed` is taken. Throws a UsageError. */
export const parseArguments = (
  args: readonly string[],
  { known, freshSeed }: { readonly known: readonly string[]; readonly freshSeed: number },
): Arguments => {
  const { traces, hosts, seed, policy, threads, json, scale, trace } = parse(args)
  if (trace !== undefined && (scale || json))
    throw wrong(`--trace tells a story, which ${scale ? '--scale' : '--json'} has not`)
  return {
    traces: whole('traces', traces, { from: 1, to: 1_000_000 }),
    hosts: whole('hosts', hosts, { from: 2, to: scale ? 100_000 : 1000 }),
    seed: seed === undefined ? freshSeed : whole('seed', seed, { from: 0, to: 2 ** 32 - 1 }),
    policies: policiesOf(policy ?? ['default'], known),
    threads: whole('threads', threads, { from: 1, to: 64 }),
    json,
    scale,
    trace: trace === undefined ? undefined : whole('trace', trace, { from: 0, to: 1_000_000 }),
  }
}
