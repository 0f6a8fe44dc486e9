import type { MigrationsProblem } from '../reasons.ts'
import { listed, naming } from '../comparison.ts'
import type { Comparison } from '../comparison.ts'
import type { RowsComparison, TableRows } from '../rows-comparison.ts'
import type { ToolConfig } from './config.ts'
import type { Judge, ReaderOptions, Row, Shipped, Tool } from './tool.ts'
import { customTool, fileTools, manifestTools } from './tools.ts'

/** Compares what a release ships with the rows of its tool's table, as the tool itself does. */
export const compareTool = (config: ToolConfig): RowsComparison<Row> => {
  const tool = toolOf(config)
  const mayBeMissing = config.allow_release_without_migrations ?? false
  const readShipped = tool.createReader(pathsOf(config), readerOptionsOf(config))
  const createJudge = () => tool.createJudge({ acceptAhead: config.accept_ahead ?? false })
  const remembering = createJudge()
  return {
    table: tool.table,
    select: tool.rows,
    remedy: tool.remedy,
    isNamedByUrl: config.tool === 'golang-migrate' && config.table === undefined,
    prepare: async () => {
      const found = await readShipped()
      if (!found.ok) return found
      const { shipped } = found
      if (shipped.length === 0 && !mayBeMissing) return { ok: false, problem: noneFound(pathsOf(config)) }
      const twice = duplicate(shipped)
      if (twice) return { ok: false, problem: twice }
      return {
        ok: true,
        judge: rows => {
          const judge = rows.mayRemember ? remembering : createJudge()
          return judgeRows(rows, { tool, shipped, judge })
        },
      }
    },
  }
}

interface Found {
  readonly tool: Tool
  readonly shipped: readonly Shipped[]
  readonly judge: Judge
}

const judgeRows = (
  { rows: selected, standby, table }: TableRows<Row>,
  { tool, shipped, judge }: Found,
): Comparison | MigrationsProblem => {
  const { remedy, keyOf = key => key } = tool
  const rows = selected.map(row => (row.key === null ? row : { ...row, key: keyOf(row.key) }))
  if (shipped.length === 0 && !rows.some(({ applied }) => applied)) return emptyTable({ table, remedy })
  const judged = judge(shipped, rows)
  if ('status' in judged) return judged

  const { pending, extra } = judged
  const foreign = new Set(extra)
  const flawed = rows.filter(({ flaw }) => flaw !== null)
  const own = flawed.filter(({ key }) => key === null || !isForeign(key, { foreign, shipped }))
  if (own.length > 0) return incomplete(own, { table, pending, remedy })
  if (pending.length === 0 && flawed.length > 0)
    return incompleteElsewhere(flawed, { table, pending, remedy })
  const applied = shipped.length - pending.length
  return { pending, extra, applied, standby, table, remedy: judged.remedy ?? remedy }
}

/** A name as SQL: quoted if SQL would otherwise fold its case or reject it. */
const spelled = (name: string): string =>
  name
    .split('.')
    .map(part => (/^[a-z_][a-z0-9_$]*$/.test(part) ? part : `"${part}"`))
    .join('.')

const toolOf = ({ tool: name, table, column = '', pattern }: ToolConfig): Tool => {
  const spelledTable = table === undefined ? undefined : { table: spelled(table) }
  if (name === 'custom') {
    const custom = customTool({
      column: `"${column}"`,
      pattern: pattern === undefined ? undefined : new RegExp(pattern),
    })
    return { table: '', ...custom, ...spelledTable }
  }
  const tool: Tool = { ...fileTools, ...manifestTools }[name]
  return { ...tool, ...spelledTable }
}

const readerOptionsOf = (config: ToolConfig): ReaderOptions => {
  const { exclude = [], pattern, key, allow_release_without_migrations: mayBeMissing = false } = config
  const files =
    pattern === undefined ? undefined : { pattern: new RegExp(pattern), ...(key !== undefined && { key }) }
  return { exclude, mayBeMissing, ...(files && { files }) }
}

const pathsOf = ({ directory, directories, manifest }: ToolConfig): readonly string[] =>
  directories ?? [directory ?? manifest ?? '']

/** Whether the release does not ship this row's migration. A failed migration is not among the applied ones. */
const isForeign = (
  key: string,
  { foreign, shipped }: { readonly foreign: ReadonlySet<string>; readonly shipped: readonly Shipped[] },
): boolean => foreign.has(key) || !shipped.some(migration => migration.key === key)

const noneFound = (paths: readonly string[]): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_NONE_FOUND',
  message: `the release ships no migration at all in ${paths.join(', ')}; check that the app has its migrations there`,
  evidence: { paths },
})

/** A release without migrations relies on a schema dump, which fills the table when it is loaded. */
const emptyTable = ({ table, remedy }: Pick<Tool, 'table' | 'remedy'>): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_TABLE_EMPTY',
  message: `${table} has no applied migration, so the schema of this release was never loaded; run ${remedy}`,
})

/** A row cannot prove either of two files with the same key. Most tools refuse such files too. */
const duplicate = (shipped: readonly Shipped[]): MigrationsProblem | undefined => {
  const names = new Map<string, string>()
  for (const { key, name } of shipped) {
    const first = names.get(key)
    names.set(key, name)
    if (first === undefined) continue
    return {
      status: 'unknown',
      reason: 'MIGRATIONS_DUPLICATED',
      message: `${first} and ${name} have the same key ${key}, so the table cannot say which of them is applied; rename one`,
      evidence: { names: [first, name] },
    }
  }
  return undefined
}

interface Context {
  readonly table: string
  readonly pending: readonly string[]
  readonly remedy: string
}

const wordsOf = (rows: readonly Row[]): string[] => rows.map(({ key, flaw }) => `${key} (${flaw})`)

const incomplete = (rows: readonly Row[], { table, pending, remedy }: Context): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_FAILED',
  message: `${table} records migrations that did not complete: ${naming(wordsOf(rows))}; repair the schema by hand, then run ${remedy}`,
  evidence: { ...listed('failed', wordsOf(rows)), ...listed('pending', pending) },
})

/** This release's own migrations are all applied. The failed migration of a newer release proves nothing against this host. */
const incompleteElsewhere = (rows: readonly Row[], { table }: Context): MigrationsProblem => ({
  status: 'warn',
  reason: 'MIGRATIONS_FAILED',
  message: `${table} records migrations that did not complete and that this release does not ship: ${naming(wordsOf(rows))}; all migrations of this release are applied`,
  evidence: listed('failed', wordsOf(rows)),
})
