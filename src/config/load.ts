import { warningsIn } from '../checks/create-checks.ts'
import { ConfigError } from './config-error.ts'
import type { Mistake } from './config-error.ts'
import type { Config } from './config.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import { isHung } from '../files/file-error.ts'
import { describeError } from '../lib/describe-error.ts'
import { nameOf, openConfig } from './open.ts'
import { checkReload } from './reload-rules.ts'
import { checkRules } from './rules.ts'
import { shown } from './shown.ts'
import { applyDefaults, validate } from './validate.ts'

const UNANSWERED =
  'systemd passed a socket that nothing answers; add `systemd` to `listen`, or disable health-sidecar.socket'

export interface LoadOptions {
  /** The configuration in force. A change that needs a restart is then a mistake too. */
  readonly inForce?: Config
  /** How many sockets systemd passed to this process; `listen` must then answer on them. */
  readonly passedSocketCount?: number
}

/**
 * Loads a configuration file, or the built-in one. Throws a ConfigError that lists every mistake with its place.
 */
export const loadConfig = async (
  given: string | undefined,
  env: ProcessEnv,
  options: LoadOptions = {},
): Promise<Config> => {
  try {
    return await load(given, env, options)
  } catch (error) {
    if (error instanceof ConfigError || isHung(error)) throw error
    // a daemon that runs must refuse such a file, not end
    const message = `this configuration breaks the program (${describeError(error)}); report it`
    throw new ConfigError(nameOf(given), [{ line: 1, column: 1, path: '', message }])
  }
}

const load = async (
  given: string | undefined,
  env: ProcessEnv,
  { inForce, passedSocketCount = 0 }: LoadOptions,
): Promise<Config> => {
  const { file, source, value } = await openConfig(given, env)
  applyDefaults(value)
  const validation = validate(value, source)
  const mistakes = [...(validation.ok ? [] : validation.mistakes), ...checkRules(value, source)]
  const references = new Set(source.mistakes.map(({ path }) => path))
  const all = [...source.mistakes, ...mistakes.filter(({ path }) => !references.has(path))]
  if (!validation.ok || all.length > 0) throw new ConfigError(file, all.toSorted(byPlace))
  const { listen, ...rest } = validation.config
  const addresses = [listen].flat().map(each => (typeof each === 'string' ? { address: each } : each))
  const config = {
    ...rest,
    file,
    listen: addresses.map(({ address }) => address),
    proxied: addresses.flatMap(each =>
      'proxy_protocol' in each && each.proxy_protocol ? [each.address] : [],
    ),
    warnings: warningsIn(rest.checks),
    shown: shown(value),
  }
  const fixed = inForce ? checkReload(config, { inForce, source }) : []
  if (fixed.length > 0) throw new ConfigError(file, fixed.toSorted(byPlace))
  if (passedSocketCount > 0 && !config.listen.includes('systemd'))
    throw new ConfigError(file, [source.mistake(['listen'], UNANSWERED)])
  return config
}

const byPlace = (a: Mistake, b: Mistake): number => a.line - b.line || a.column - b.column
