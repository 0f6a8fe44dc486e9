import type { MigrationsProblem } from '../reasons.ts'

/** A migration that the release ships. */
export interface Shipped {
  /** What the tool's table calls it. */
  readonly key: string
  /** What its users call it, where that is more than the key. */
  readonly name: string
  /** Of a migration that is to run again whenever it has changed: its checksum, as the tool reckons it. */
  readonly checksum?: number
  /** Keys of those that have to be applied before it, where the table records only the last ones. */
  readonly parents?: readonly string[]
}

/** A row of the tool's table, as the `rows` of its description selects it. */
export type Row = {
  readonly key: string | null
  /** False for a row that records something else, such as that the migration was undone. */
  readonly applied: boolean
  /** The tool's own word for a migration that did not complete; null where it did. */
  readonly flaw: string | null
  /** Whether everything up to this one counts as applied, rows or none. */
  readonly baseline?: boolean
  readonly checksum?: number | null
}

export type ShippedAnswer =
  | { readonly ok: true; readonly shipped: readonly Shipped[] }
  | { readonly ok: false; readonly problem: MigrationsProblem }

/** Looks at what the release ships: at what has changed since it last did. */
export type ReadShipped = () => Promise<ShippedAnswer>

export interface Judgement {
  /** Names, in order. */
  readonly pending: readonly string[]
  /** Keys of rows that nothing explains that is shipped. */
  readonly extra: readonly string[]
}

/** What the rows mean for what is shipped. */
export type Judge = (shipped: readonly Shipped[], rows: readonly Row[]) => Judgement | MigrationsProblem

/** Where a release keeps its migrations: the paths that are configured for them. */
export type Paths = readonly string[]

/** All that is known of a tool. */
export interface Tool {
  /** The table that it keeps by default, as SQL spells it. */
  readonly table: string
  /** A SELECT of `Row`s. */
  readonly rows: (table: string) => string
  /** How a row spells what a file spells otherwise. */
  readonly keyOf?: (key: string) => string
  readonly createReader: (paths: Paths) => ReadShipped
  /** Made anew for each check, as it may remember what it has seen. */
  readonly createJudge: () => Judge
  /** The command that applies what is pending. */
  readonly remedy: string
}
