import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Sandbox } from './sandbox.ts'

const EXCLUDED = /^test\/(?:(?:program|real|host|docs)\/|walls\.)/
/** No test of a sound tree takes longer. */
const BASELINE_LIMIT_MS = 120_000

/** The folder of `test/` in which the tests of a folder of `src/` are, where they differ. */
const MOVED: Readonly<Record<string, string>> = { 'src/host': 'test/host-state' }

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

/** The tests of a file: those in the folder that mirrors its own, above or below it, and those that import the file. */
export const belongingTests = (root: string, file: string): readonly string[] => {
  const folder = dirname(file)
  const mirror = MOVED[folder] ?? folder.replace('src', 'test')
  return globSync('test/**/*.test.ts', { cwd: root })
    .filter(test => !EXCLUDED.test(test))
    .filter(test => {
      const place = dirname(test)
      if (isWithin(place, mirror) || isWithin(mirror, place)) return true
      const text = readFileSync(join(root, test), 'utf8')
      return [...text.matchAll(/from '(\.[^']+)'/g)].some(
        ([, name = '']) => join(dirname(test), name) === file,
      )
    })
    .toSorted()
}

interface Range {
  readonly startOffset: number
  readonly endOffset: number
  readonly count: number
}

interface Report {
  readonly result: readonly {
    readonly url: string
    readonly functions: readonly { readonly ranges: readonly Range[] }[]
  }[]
}

/** What a test does without any mutant. */
export interface Baseline {
  readonly passed: boolean
  readonly tookMs: number
  /** Whether it runs the code at this place of this file. */
  readonly reaches: (file: string, offset: number) => boolean
}

/** Runs a test, and records which code it runs: types are stripped by spaces, so that V8's offsets are those of the source. */
export const baselineOf = async (sandbox: Sandbox, test: string): Promise<Baseline> => {
  const directory = mkdtempSync(join(dirname(sandbox.path), 'coverage-'))
  const { outcome, tookMs } = await sandbox.run(test, {
    limitMs: BASELINE_LIMIT_MS,
    env: { NODE_V8_COVERAGE: directory, NODE_DISABLE_COMPILE_CACHE: '1' },
  })
  const prefix = pathToFileURL(join(sandbox.path, 'src')).href
  const seen = new Map<string, (readonly Range[])[][]>()
  for (const name of readdirSync(directory)) {
    const { result } = JSON.parse(readFileSync(join(directory, name), 'utf8')) as Report
    for (const { url, functions } of result) {
      if (!url.startsWith(prefix)) continue
      const file = `src${url.slice(prefix.length)}`
      seen.set(file, [...(seen.get(file) ?? []), functions.map(({ ranges }) => ranges)])
    }
  }
  rmSync(directory, { recursive: true })
  return {
    passed: outcome === 'passed',
    tookMs,
    reaches: (file, offset) =>
      (seen.get(file) ?? []).some(functions => (innermost(functions.flat(), offset)?.count ?? 0) > 0),
  }
}

const innermost = (ranges: readonly Range[], offset: number): Range | undefined => {
  let found: Range | undefined
  for (const range of ranges)
    if (
      range.startOffset <= offset &&
      offset < range.endOffset &&
      (!found || range.endOffset - range.startOffset <= found.endOffset - found.startOffset)
    )
      found = range
  return found
}
