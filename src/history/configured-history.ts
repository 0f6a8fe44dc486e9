import type { Config } from '../config/config.ts'
import type { Against } from '../core/host-state.ts'
import { readBootId } from '../host/latch-file.ts'
import { version } from '../lib/version.ts'
import type { Logger } from '../log/logger.ts'
import type { OnProbe, ProbeLog } from '../log/probe-log.ts'
import type { Clock } from '../monitor/clock.ts'
import { openHistory } from './history.ts'
import type { History } from './history.ts'
import type { Standing } from './recorder.ts'
import { checkSummariesOf, configuredBy } from './summaries.ts'

const MOST_MISTAKES = 10

/** The history of a daemon, which knows its configuration. */
export interface ConfiguredHistory
  extends Pick<History, 'known' | 'complaint' | 'listener' | 'open' | 'resumedBy' | 'read'>, AsyncDisposable {
  /** The daemon has a monitor. From now on `standing` is asked. */
  started(
    latch: Pick<Against, 'failing' | 'held'> & { readonly latched: boolean },
    standing: () => Standing,
  ): void
  /** Another configuration is in force. */
  taken(): void
  /** Another configuration was refused. */
  refused(mistakes: readonly string[]): void
  /** The same listeners; each answer is counted too. */
  counting(log: Pick<ProbeLog, 'onProbe' | 'onRefused'>): Pick<ProbeLog, 'onProbe' | 'onRefused'>
}

/** Never rejects; takes a few seconds at most. */
export const openConfiguredHistory = async (
  stateDir: string,
  options: {
    readonly inForce: () => Config
    readonly release: string | undefined
    /** Where in the spread of its `hold` this daemon is, from 0 to 1. */
    readonly spread: number
    readonly clock: Clock
    readonly logger: Logger
  },
): Promise<ConfiguredHistory> => {
  const { inForce, spread, ...rest } = options
  const history = await openHistory({
    ...rest,
    stateDir,
    bootId: await readBootId(),
    summaryOf: name => checkSummariesOf(inForce()).find(summary => summary.name === name),
    configuration: () => configuredBy(inForce(), { spread }),
  })
  return {
    known: history.known,
    get complaint() {
      return history.complaint
    },
    listener: history.listener,
    open: () => history.open(),
    resumedBy: by => history.resumedBy(by),
    read: () => history.read(),
    started({ latched, failing, held }, standing) {
      const against = { ...(failing.length > 0 && { failing }), ...(held.length > 0 && { held }) }
      history.started({ version, latched, ...against }, standing)
    },
    taken: () => history.configured({ outcome: 'taken' }),
    refused: mistakes =>
      history.configured({ outcome: 'refused', mistakes: mistakes.slice(0, MOST_MISTAKES) }),
    counting({ onProbe, onRefused }) {
      const counted: OnProbe = (status, request) => {
        history.answered(status)
        onProbe(status, request)
      }
      return {
        onProbe: counted,
        onRefused(refusal) {
          if (refusal.status !== undefined) history.answered(refusal.status)
          onRefused(refusal)
        },
      }
    },
    [Symbol.asyncDispose]: () => history[Symbol.asyncDispose](),
  }
}
