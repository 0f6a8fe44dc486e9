import { isHung, whyUnreadable } from '../files/file-error.ts'
import { readTextFile } from '../files/files.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import { isMapping } from '../lib/json.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import { ConfigError } from './config-error.ts'
import { defaultConfigText } from './default-config.ts'
import { addOwnPlaces } from './named-app.ts'
import type { ConfigRef, NamedApp } from './named-app.ts'
import { SourceError, readSource } from './source.ts'
import type { Source } from './source.ts'

/** A thousand times a usual configuration. */
const MAX_BYTES = 1024 * 1024

/** A configuration file, filled in from the environment, not yet validated. */
export interface OpenConfig {
  readonly file: string
  readonly source: Source
  /** The same as `source.value`. */
  readonly value: Record<string, unknown>
}

/** What messages call a configuration file. */
export const nameOf = (ref: ConfigRef): string =>
  typeof ref === 'object' ? ref.file : (ref ?? 'config/health-sidecar.yaml (built in)')

/**
 * Opens a configuration. One of a named app gets the app's own places, where it names none. Throws a ConfigError if it cannot be read or is not a mapping, and a FileError
 * if reading it hangs.
 */
export const openConfig = async (ref: ConfigRef, env: ProcessEnv): Promise<OpenConfig> => {
  const file = nameOf(ref)
  const source = await sourceOf(ref === undefined ? defaultConfigText() : await read(ref), { file, env })
  const { value } = source
  if (!isMapping(value))
    throw new ConfigError(file, [source.mistake([], 'found no mapping; expected keys and values')])
  if (typeof ref === 'object') addOwnPlaces(value, ref.app)
  return { file, source, value }
}

const whyNot = (code: string, ref: string | NamedApp): string =>
  typeof ref === 'object' && code === 'ENOENT'
    ? `this file does not exist; write it: it is the configuration of the app ${ref.app}`
    : (whyUnreadable(code, nameOf(ref)) ??
      `cannot read the configuration (${code}); check the path and its permissions`)

const read = async (ref: string | NamedApp): Promise<string> => {
  const file = nameOf(ref)
  try {
    return await readTextFile(file, { maxBytes: MAX_BYTES })
  } catch (error) {
    // nothing is wrong with the configuration: it may be read in a while
    if (isHung(error)) throw error
    const message = whyNot(codeOrUnknown(error), ref)
    throw new ConfigError(file, [{ line: 1, column: 1, path: '', message }])
  }
}

const sourceOf = async (text: string, { file, env }: { file: string; env: ProcessEnv }): Promise<Source> => {
  try {
    return await readSource(text, env)
  } catch (error) {
    if (error instanceof SourceError) throw new ConfigError(file, error.mistakes)
    throw error
  }
}
