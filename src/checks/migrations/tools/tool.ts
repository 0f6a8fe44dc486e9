import type { MigrationsProblem } from '../reasons.ts'

/** A migration that the release ships. */
export interface Shipped {
  /** What the tool's table calls it. */
  readonly key: string
  /** What its users call it. */
  readonly name: string
  /** The tool's own checksum of a migration that has to run again whenever it changes. */
  readonly checksum?: number
  /** The hash of its text, by which the table knows it too. */
  readonly hash?: string
  /** Milliseconds since 1970, as text: when it was generated, if that is not its key. */
  readonly time?: string
  /** Keys of the migrations that come before it, for tools whose table records only the last ones. */
  readonly parents?: readonly string[]
}

/** A row of the tool's table, as the `rows` of its description selects it. */
export type Row = {
  readonly key: string | null
  /** False for a row that says something else, for example that the migration was undone. */
  readonly applied: boolean
  /** The tool's own word for a migration that did not complete; null if it completed. */
  readonly flaw: string | null
  /** Whether everything up to this one counts as applied, with or without a row. */
  readonly baseline?: boolean
  readonly checksum?: number | null
  readonly hash?: string | null
  /** What the tool calls it beside its key, in newer tables. */
  readonly name?: string | null
}

export type ShippedAnswer =
  | { readonly ok: true; readonly shipped: readonly Shipped[] }
  | { readonly ok: false; readonly problem: MigrationsProblem }

/** Reads what the release ships. A later read reads only what has changed. */
export type ReadShipped = () => Promise<ShippedAnswer>

export interface Judgement {
  /** Names, in order. */
  readonly pending: readonly string[]
  /** Keys of rows whose migration is not shipped. */
  readonly extra: readonly string[]
  /** What to do, if the tool's usual command is not enough. Ends a sentence. */
  readonly remedy?: string
}

/** Compares the rows with what is shipped. */
export type Judge = (shipped: readonly Shipped[], rows: readonly Row[]) => Judgement | MigrationsProblem

/** The configured paths of the release's migrations. */
export type Paths = readonly string[]

/** What a user configures about the files of a release. */
export interface ReaderOptions {
  /** Folders that hold no migrations. */
  readonly exclude: readonly string[]
  /** The user's own rule for file names and keys, instead of the tool's. */
  readonly files?: { readonly pattern: RegExp; readonly key?: string }
  /** Whether a release without migrations, and so without their directory, is accepted. */
  readonly mayBeMissing: boolean
}

/** What a user configures about the meaning of the rows. */
export interface JudgeOptions {
  /** Whether a revision that is not shipped counts as newer than all that is shipped. */
  readonly acceptAhead: boolean
}

/** What the check knows about a tool. */
export interface Tool {
  /** Its default table, as SQL. */
  readonly table: string
  /** The SELECT of its `Row`s. */
  readonly rows: (table: string) => string
  /** Turns a row's spelling of a key into that of a file. */
  readonly keyOf?: (key: string) => string
  readonly createReader: (paths: Paths, options: ReaderOptions) => ReadShipped
  /** Each check gets its own, because a judge may remember what it has seen. */
  readonly createJudge: (options: JudgeOptions) => Judge
  /** The command that applies pending migrations. */
  readonly remedy: string
}
