import { globSync } from 'node:fs'

/** The share of mutants that the tests of an area must catch. */
export const AIM = 0.95

export interface Area {
  readonly name: string
  readonly files: readonly string[]
}

const SMOKE =
  '{ask,smoke,judge-*,combine-samples,concurrency-limit,app-progress,error-page,expectation,response-reader,cgi-response}'
const ENV = '{judge*,flaws,env-schema,find-violations,contract,placeholder}'
const MIGRATIONS =
  '{comparison,compare-rows,rows-comparison,combine-schemas,exclude,tools/judge,tools/compare-tool,django/replacement,django/shipped-apps}'

/** What decides: the rules, what runs them, what is remembered of the host, and what judges an answer. */
const PATTERNS: readonly (readonly [name: string, pattern: string])[] = [
  ['core', 'src/core/*.ts'],
  ['monitor', 'src/monitor/*.ts'],
  ['host', 'src/host/*.ts'],
  ['smoke', `src/checks/smoke/${SMOKE}.ts`],
  ['env', `src/checks/env/${ENV}.ts`],
  ['migrations', `src/checks/migrations/${MIGRATIONS}.ts`],
  ['peers', 'src/peers/*.ts'],
  ['history', 'src/history/*.ts'],
  ['replay', 'src/replay/*.ts'],
  ['metrics', 'src/metrics/*.ts'],
  ['probes', 'src/probes/*.ts'],
]

/** The areas with the files of a checkout. */
export const areasOf = (root: string): readonly Area[] =>
  PATTERNS.map(([name, pattern]) => ({ name, files: globSync(pattern, { cwd: root }).toSorted() }))
