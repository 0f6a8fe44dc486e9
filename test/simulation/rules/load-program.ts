import { registerHooks } from 'node:module'
import type { smokeWith } from '../../../src/checks/smoke/smoke.ts'
import type { Monitor } from '../../../src/monitor/monitor.ts'
import type { followPeers } from '../../../src/peers/follow-peers.ts'

/** The parts of the program that decide. */
export interface Program {
  readonly Monitor: typeof Monitor
  readonly followPeers: typeof followPeers
  readonly smokeWith: typeof smokeWith
}

/**
 * One rule of the program, changed: a wrapper of this folder takes the place of a module of `src/`. It exports what that
 * module exports, with one function around the program's own.
 */
export interface RuleChange {
  /** Path from `src/`. */
  readonly module: string
  /** File name in this folder. */
  readonly wrapper: string
  /** What the wrapper reads of its own URL. */
  readonly setting?: number
}

const source = new URL('../../../src/', import.meta.url)
const wrappers = new URL('./', import.meta.url)

const changes = new Map<string, RuleChange>()
const loaded = new Map<string, Promise<Program>>()

let hooks: ReturnType<typeof registerHooks> | undefined

/**
 * A changed program is loaded as modules of its own, whose URLs end with the name of the change. So several run side by side,
 * `src/` has no flag for any of them, and all but the wrapped function is the program as it is.
 */
const hook = (): void => {
  hooks ??= registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context)
      const parent = context.parentURL === undefined ? undefined : URL.parse(context.parentURL)
      const change = parent && changes.get(parent.search)
      if (!change || !resolved.url.startsWith(source.href)) return resolved
      const isWrapper = parent.pathname.startsWith(wrappers.pathname)
      const isChanged = !isWrapper && resolved.url === new URL(change.module, source).href
      const url = isChanged ? new URL(change.wrapper, wrappers).href : resolved.url
      return { ...resolved, url: `${url}${parent.search}` }
    },
  })
}

const load = async (suffix: string): Promise<Program> => {
  const importFrom = async (path: string) => (await import(new URL(path + suffix, source).href)) as Program
  const { Monitor } = await importFrom('monitor/monitor.ts')
  const { followPeers } = await importFrom('peers/follow-peers.ts')
  const { smokeWith } = await importFrom('checks/smoke/smoke.ts')
  return { Monitor, followPeers, smokeWith }
}

/** The program as it is, or with one rule changed. */
export const loadProgram = async (change?: RuleChange): Promise<Program> => {
  const key = change
    ? `?${new URLSearchParams({ rule: change.wrapper, setting: String(change.setting ?? '') })}`
    : ''
  if (change) {
    hook()
    changes.set(key, change)
  }
  const before = loaded.get(key)
  const program = before ?? load(key)
  loaded.set(key, program)
  return await program
}
