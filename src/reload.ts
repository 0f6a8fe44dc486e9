import { isDeepStrictEqual } from 'node:util'
import { ConfigError } from './config/config-error.ts'
import type { Config } from './config/config.ts'
import { isHung } from './files/file-error.ts'
import { describeError } from './lib/describe-error.ts'
import type { Logger } from './log/logger.ts'

/** What became of a re-read configuration. */
export type ReloadOutcome =
  | { readonly kind: 'taken' | 'unchanged' }
  /** The one before stays in force. Each mistake is a line for an operator. */
  | { readonly kind: 'refused'; readonly mistakes: readonly string[] }

export interface Reload {
  /** Why the latest configuration was refused; undefined if it was not. */
  readonly refusal: string | undefined
  /** Re-reads the configuration, and takes it or refuses it: one after the other, whoever asks for it. Never throws. */
  run(load: (inForce: Config) => Promise<Config>): Promise<ReloadOutcome>
}

export interface ReloadOptions {
  /** The configuration in force. */
  readonly inForce: () => Config
  /** Puts another configuration in force. */
  readonly take: (next: Config) => Promise<void>
  /** Called before the configuration is read. */
  readonly begin?: () => Promise<void>
  readonly end?: (outcome: ReloadOutcome) => void
  readonly logger: Logger
}

/** How many mistakes are kept, logged and answered. */
const MAX_MISTAKES = 20
const MAX_MISTAKE_LENGTH = 1000

const firstOf = (mistakes: readonly string[]): readonly string[] => {
  const more = mistakes.length - MAX_MISTAKES
  const first = mistakes.slice(0, MAX_MISTAKES).map(mistake => mistake.slice(0, MAX_MISTAKE_LENGTH))
  return more > 0 ? [...first, `and ${more} more; the command \`config\` lists them all`] : first
}

const mistakesOf = (error: unknown): readonly string[] =>
  error instanceof ConfigError || isHung(error)
    ? firstOf(error.message.split('\n'))
    : [
        `health-sidecar broke while it read the file (${describeError(error)}); this is a defect of health-sidecar`,
      ]

export const createReload = ({
  inForce,
  take,
  begin = async () => {},
  end = () => {},
  logger,
}: ReloadOptions): Reload => {
  let refusal: string | undefined
  let last: Promise<unknown> = Promise.resolve()

  const refuse = (error: unknown): ReloadOutcome => {
    const { file } = inForce()
    const mistakes = mistakesOf(error)
    refusal = `the configuration is refused, and the one before it stays in force: ${mistakes.join('; ')}`
    logger.log('error', { event: 'config.refused', msg: refusal, file, mistakes })
    return { kind: 'refused', mistakes }
  }

  const read = async (load: (inForce: Config) => Promise<Config>): Promise<ReloadOutcome> => {
    const before = inForce()
    const { file } = before
    try {
      await begin()
      const next = await load(before)
      refusal = undefined
      if (isDeepStrictEqual(next, before)) {
        logger.log('info', { event: 'config.unchanged', msg: `${file} is as it was`, file })
        return { kind: 'unchanged' }
      }
      await take(next)
      logger.log('info', { event: 'config.loaded', msg: `${file} has changed, and is in force`, file })
      return { kind: 'taken' }
    } catch (error) {
      return refuse(error)
    }
  }

  return {
    get refusal() {
      return refusal
    },
    run(load) {
      const outcome = last.then(async () => {
        const result = await read(load)
        end(result)
        return result
      })
      last = outcome.catch(() => {})
      return outcome
    },
  }
}
