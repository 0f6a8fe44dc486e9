import { ConfigError } from './config-error.ts'
import type { Mistake } from './config-error.ts'
import type { Config } from './config.ts'
import type { Environment } from './interpolate.ts'
import { passedSockets } from '../passed-sockets.ts'
import { openConfig } from './open.ts'
import { checkReload } from './reload-rules.ts'
import { checkRules } from './rules.ts'
import { shown } from './shown.ts'
import { applyDefaults, validate } from './validate.ts'

const UNANSWERED =
  'systemd has passed a socket, in which nobody would answer; expected systemd, as health-sidecar.socket has the port'

/**
 * Reads a configuration file, or the one that is built in. Throws a ConfigError that names all that is wrong with it,
 * each with its place; with `inForce`, what cannot take the place of that while the program runs is wrong as well.
 */
export const loadConfig = async (
  given: string | undefined,
  env: Environment,
  { inForce }: { readonly inForce?: Config } = {},
): Promise<Config> => {
  const { file, source, value } = await openConfig(given, env)
  applyDefaults(value)
  const validation = validate(value, source)
  const mistakes = [...(validation.ok ? [] : validation.mistakes), ...checkRules(value, source)]
  const references = new Set(source.mistakes.map(({ path }) => path))
  const all = [...source.mistakes, ...mistakes.filter(({ path }) => !references.has(path))]
  if (!validation.ok || all.length > 0) throw new ConfigError(file, all.toSorted(byPlace))
  const { listen, ...rest } = validation.config
  const config = { ...rest, file, listen: [listen].flat(), shown: shown(value) }
  const fixed = inForce ? checkReload(config, { inForce, source }) : []
  if (fixed.length > 0) throw new ConfigError(file, fixed.toSorted(byPlace))
  if (passedSockets(env).length > 0 && !config.listen.includes('systemd'))
    throw new ConfigError(file, [source.mistake(['listen'], UNANSWERED)])
  return config
}

const byPlace = (a: Mistake, b: Mistake): number => a.line - b.line || a.column - b.column
