import { warningsIn } from '../checks/create-checks.ts'
import { ConfigError } from './config-error.ts'
import type { Mistake } from './config-error.ts'
import type { Config } from './config.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import { isHung } from '../files/file-error.ts'
import { describeError } from '../lib/describe-error.ts'
import { appOf, findForeignPlaces, unitOf } from './named-app.ts'
import type { ConfigRef } from './named-app.ts'
import { nameOf, openConfig } from './open.ts'
import { checkReload } from './reload-rules.ts'
import { checkRules } from './rules.ts'
import { shown } from './shown.ts'
import { applyDefaults, validate } from './validate.ts'

const unanswered = (app: string | undefined): string =>
  `systemd passed a socket that nothing answers; add \`systemd\` to \`listen\`, or disable ${unitOf(app)}.socket`

export interface LoadOptions {
  /** The configuration in force. A change that needs a restart is then a mistake too. */
  readonly inForce?: Config
  /** How many sockets systemd passed to this process; `listen` must then answer on them. */
  readonly passedSocketCount?: number
}

/**
 * Loads a configuration. Throws a ConfigError that lists every mistake with its place.
 */
export const loadConfig = async (
  ref: ConfigRef,
  env: ProcessEnv,
  options: LoadOptions = {},
): Promise<Config> => {
  try {
    return await load(ref, env, options)
  } catch (error) {
    if (error instanceof ConfigError || isHung(error)) throw error
    // a daemon that runs must refuse such a file, not end
    const message = `this configuration breaks the program (${describeError(error)}); report it`
    throw new ConfigError(nameOf(ref), [{ line: 1, column: 1, path: '', message }])
  }
}

const load = async (
  ref: ConfigRef,
  env: ProcessEnv,
  { inForce, passedSocketCount = 0 }: LoadOptions,
): Promise<Config> => {
  const { file, source, value } = await openConfig(ref, env)
  const app = appOf(ref)
  const foreign = findForeignPlaces(value, source, app)
  applyDefaults(value)
  const validation = validate(value, source)
  const mistakes = [...(validation.ok ? [] : validation.mistakes), ...checkRules(value, source), ...foreign]
  const references = new Set(source.mistakes.map(({ path }) => path))
  const all = [...source.mistakes, ...mistakes.filter(({ path }) => !references.has(path))]
  if (!validation.ok || all.length > 0) throw new ConfigError(file, all.toSorted(byPlace))
  const { listen, ...rest } = validation.config
  const addresses = [listen].flat().map(each => (typeof each === 'string' ? { address: each } : each))
  const config = {
    ...rest,
    ...(app !== undefined && { app }),
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
    throw new ConfigError(file, [source.mistake(['listen'], unanswered(app))])
  return config
}

const byPlace = (a: Mistake, b: Mistake): number => a.line - b.line || a.column - b.column
