import { readFileSync } from 'node:fs'

/** What was judged in the gauntlet: the program, and its two baselines. */
export const systems = ['sidecar', 'strict', 'shallow'] as const
export type System = (typeof systems)[number]

/** What a system did: it admitted a broken release or kept it out; killed a host or none; kept a broken host or found it. */
export type Verdict = 'kept out' | 'admitted' | 'none killed' | 'killed' | 'found' | 'kept'

/** One cell of the gauntlet's tables. */
export interface Result {
  readonly verdict: Verdict
  /** Of a fault that was found: median seconds. */
  readonly seconds?: number
}

const readme = new URL('../../gauntlet/README.md', import.meta.url)

/** What a cell says, by the words of test/gauntlet/table.ts. */
export const readCell = (cell: string): Result => {
  if (cell.startsWith('kept out')) return { verdict: 'kept out' }
  if (cell.startsWith('ADMITTED')) return { verdict: 'admitted' }
  if (cell.startsWith('none')) return { verdict: 'none killed' }
  if (cell.startsWith('KILLED')) return { verdict: 'killed' }
  if (cell.startsWith('KEPT')) return { verdict: 'kept' }
  const [, seconds] = /^([\d.]+) s/.exec(cell) ?? []
  if (seconds === undefined) throw new TypeError(`the gauntlet's table says ‘${cell}’, which is not known`)
  return { verdict: 'found', seconds: Number(seconds) }
}

/** The gauntlet's results as its page has them, by the name of the scenario. */
export const readGauntletTable = (): ReadonlyMap<string, Readonly<Record<System, Result>>> => {
  const rows = readFileSync(readme, 'utf8')
    .split('\n')
    .filter(line => /^\| \d+ /.test(line))
    .map(line => line.split('|').map(cell => cell.trim()))
  return new Map(
    rows.map(([, , name = '', , sidecar = '', strict = '', shallow = '']) => [
      name,
      { sidecar: readCell(sidecar), strict: readCell(strict), shallow: readCell(shallow) },
    ]),
  )
}
