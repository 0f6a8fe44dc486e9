import { readFile } from 'node:fs/promises'
import { codeOf } from '../describe-error.ts'
import { ConfigError } from './config-error.ts'
import type { Mistake } from './config-error.ts'
import type { Config } from './config.ts'
import { defaultConfigText } from './default-config.ts'
import type { Environment } from './interpolate.ts'
import { checkRules } from './rules.ts'
import { shown } from './shown.ts'
import { SourceError, readSource } from './source.ts'
import type { Source } from './source.ts'
import { applyDefaults, validate } from './validate.ts'
import { isMapping } from './walk-schema.ts'

/**
 * Reads a configuration file, or the one that is built in. Throws a ConfigError that names all that is wrong with it,
 * each with its place.
 */
export const loadConfig = async (given: string | undefined, env: Environment): Promise<Config> => {
  const file = given ?? 'config/health-sidecar.yaml (built in)'
  const source = sourceOf(given === undefined ? defaultConfigText() : await read(given), { file, env })
  const value = source.value
  if (!isMapping(value))
    throw new ConfigError(file, [source.mistake([], 'found no mapping; expected keys and values')])
  applyDefaults(value)
  const validation = validate(value, source)
  const mistakes = [...(validation.ok ? [] : validation.mistakes), ...checkRules(value, source)]
  const references = new Set(source.mistakes.map(({ path }) => path))
  const all = [...source.mistakes, ...mistakes.filter(({ path }) => !references.has(path))]
  if (!validation.ok || all.length > 0) throw new ConfigError(file, all.toSorted(byPlace))
  const { listen, ...config } = validation.config
  return { ...config, file, listen: [listen].flat(), shown: shown(value) }
}

const byPlace = (a: Mistake, b: Mistake): number => a.line - b.line || a.column - b.column

const read = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const message = `cannot be read: ${codeOf(error) ?? 'unknown error'}`
    throw new ConfigError(file, [{ line: 1, column: 1, path: '', message }])
  }
}

const sourceOf = (text: string, { file, env }: { file: string; env: Environment }): Source => {
  try {
    return readSource(text, env)
  } catch (error) {
    if (error instanceof SourceError) throw new ConfigError(file, error.mistakes)
    throw error
  }
}
