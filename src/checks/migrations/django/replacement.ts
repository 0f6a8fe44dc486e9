import type { MigrationKey, ShippedMigrations } from './migration-key.ts'

/** How Django resolves squashed migrations that replace squashed ones: since 6.0, inner ones first; before, by chance. */
export type NestedSquashes = 'ordered' | 'undefined'

export type Replaced =
  | {
      readonly ok: true
      /** The migrations that are left after all replacements. */
      readonly nodes: ReadonlySet<MigrationKey>
      /** What counts as applied: a migration with a row, or a squashed migration whose targets all have rows. */
      readonly applied: ReadonlySet<MigrationKey>
      /** Squashed migrations that are partly applied, and whose other targets are no longer shipped. */
      readonly incomplete: readonly {
        readonly squashed: MigrationKey
        readonly missing: readonly MigrationKey[]
      }[]
    }
  /** Squashed migrations replace each other in such a way that Django's answer varies. */
  | { readonly ok: false; readonly nested: MigrationKey; readonly cause: 'nested' | 'cycle' }

/**
 * Resolves the replacements as Django's loader does (`MigrationLoader.build_graph`, and since 6.0
 * `replace_migration`). `nodes` without `applied` is then what Django would still run.
 */
export const replace = (
  shipped: ShippedMigrations,
  rows: ReadonlySet<MigrationKey>,
  nestedSquashes: NestedSquashes,
): Replaced => {
  const nodes = new Set(shipped.keys())
  const applied = new Set(rows)
  const incomplete: { squashed: MigrationKey; missing: MigrationKey[] }[] = []
  const replacements = new Map([...shipped].filter(([, replaces]) => replaces.length > 0))

  const order = childrenFirst(replacements)
  if (!order.ok)
    return { ok: false, nested: order.at, cause: nestedSquashes === 'ordered' ? 'cycle' : 'nested' }
  if (nestedSquashes === 'undefined' && order.nested !== undefined)
    return { ok: false, nested: order.nested, cause: 'nested' }

  for (const squashed of order.keys) {
    const targets = flatten(squashed, replacements)
    const unapplied = targets.filter(target => !applied.has(target))
    if (unapplied.length === 0) applied.add(squashed)
    else applied.delete(squashed)

    if (unapplied.length === 0 || unapplied.length === targets.length) {
      for (const target of replacements.get(squashed) ?? []) nodes.delete(target)
    } else {
      nodes.delete(squashed)
      const missing = unapplied.filter(target => !shipped.has(target))
      if (missing.length > 0) incomplete.push({ squashed, missing })
    }
  }
  return { ok: true, nodes, applied, incomplete }
}

type Replacements = ReadonlyMap<MigrationKey, readonly MigrationKey[]>

type Order =
  | { readonly ok: true; readonly keys: readonly MigrationKey[]; readonly nested: MigrationKey | undefined }
  | { readonly ok: false; readonly at: MigrationKey }

/** The squashed migrations, inner ones first. `nested` is one that replaces another, if there is any. */
const childrenFirst = (replacements: Replacements): Order => {
  const keys: MigrationKey[] = []
  const state = new Map<MigrationKey, 'entered' | 'left'>()
  let nested: MigrationKey | undefined
  const visit = (key: MigrationKey): MigrationKey | undefined => {
    if (state.get(key) === 'left') return undefined
    if (state.get(key) === 'entered') return key
    state.set(key, 'entered')
    for (const target of replacements.get(key) ?? []) {
      if (!replacements.has(target)) continue
      nested ??= key
      const cycle = visit(target)
      if (cycle !== undefined) return cycle
    }
    state.set(key, 'left')
    keys.push(key)
    return undefined
  }
  for (const key of replacements.keys()) {
    const cycle = visit(key)
    if (cycle !== undefined) return { ok: false, at: cycle }
  }
  return { ok: true, keys, nested }
}

/** All that a squashed migration replaces, also through targets that are squashed migrations themselves. */
const flatten = (squashed: MigrationKey, replacements: Replacements): MigrationKey[] => {
  const targets = new Set<MigrationKey>()
  const seen = new Set<MigrationKey>()
  const visit = (key: MigrationKey) => {
    seen.add(key)
    for (const target of replacements.get(key) ?? []) {
      if (!replacements.has(target)) targets.add(target)
      else if (!seen.has(target)) visit(target)
    }
  }
  visit(squashed)
  return [...targets]
}
