import { adminSocketOf, stateDirOf } from '../config/admin-socket.ts'
import { appOf } from '../config/named-app.ts'
import type { ConfigRef } from '../config/named-app.ts'
import { parseDuration } from '../config/units.ts'
import { drainMarkerIn, writeDrainMarker } from '../host/drain-marker.ts'
import { commandText } from '../lib/command-text.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import type { DrainDocument } from '../status/status-document.ts'
import { askDaemon } from './ask-daemon.ts'
import { exitCode } from './exit-code.ts'
import { noticeTimeOf, noticeTimeText } from './notice-time.ts'
import type { NoticeTime } from './notice-time.ts'
import { operatorAnswerOf, problem } from './operator-answer.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import { who } from './who.ts'

export interface DrainOptions {
  readonly config?: ConfigRef
  readonly reason?: string
  readonly for?: string
  readonly untilResumed?: boolean
}

const MAX_DRAIN_MS = 366 * 24 * 60 * 60 * 1000

const wantedFrom = ({ reason, for: duration, untilResumed }: DrainOptions) => {
  if (reason === undefined || reason.trim() === '')
    throw new UsageError('drain needs --reason TEXT: others will ask why this host is out')
  if (duration === undefined && !untilResumed)
    throw new UsageError('drain needs an end: --for 30m, or else --until-resumed')
  if (duration === undefined) return { reason }
  if (untilResumed) throw new UsageError('drain takes --for or --until-resumed, not both')
  const forMs = parseDuration(duration)
  if (forMs === undefined || !(forMs > 0) || forMs > MAX_DRAIN_MS)
    throw new UsageError(
      `--for: found ${JSON.stringify(duration)}; expected a duration such as 30m, at most 366d`,
    )
  return { reason, forMs }
}

interface Drained {
  readonly drain: DrainDocument
  /** By the probes that the daemon has seen. */
  readonly balancer?: NoticeTime
  /** Why no daemon was told, if none was. */
  readonly noDaemon?: string
  /** The marker file, if the command wrote it itself. */
  readonly wrote?: string
}

const textOf = (
  { drain: { reason, by, until }, balancer, noDaemon, wrote }: Drained,
  app: string | undefined,
): string => {
  const end = until === undefined ? `until \`${commandText('resume', app)}\`` : `until ${until}`
  const why = `(${reason}${by === undefined ? '' : `, by ${by}`})`
  const lines = [
    noDaemon === undefined
      ? `draining: 503 from now on ${end} ${why}`
      : `${noDaemon}\nwrote ${wrote}: a daemon answers 503 ${end}, as soon as there is one ${why}`,
    noticeTimeText(balancer),
    'warning: a scaling group replaces unhealthy hosts; put this one in Standby first',
  ]
  return `${lines.join('\n')}\n`
}

const show = (document: Drained, app: string | undefined): Outcome =>
  outcomeOf({ code: exitCode.ok, document, text: shown => textOf(shown, app) })

/**
 * `health-sidecar drain`: takes this host out, for a time or until it is resumed. With no daemon to tell, it writes the
 * marker that the next one follows. It can be repeated; the latest counts. Throws a ConfigError or a UsageError.
 */
export const drainCommand = async (
  options: DrainOptions,
  { env }: Pick<Terminal, 'env'>,
): Promise<Outcome> => {
  const { reason, forMs } = wantedFrom(options)
  const by = who(env)
  const app = appOf(options.config)
  const end = forMs === undefined ? { untilResumed: true } : { forMs }
  const socket = await adminSocketOf(options.config, env)
  const answer = operatorAnswerOf(await askDaemon(socket, { path: '/drain', post: { reason, by, ...end } }))
  if (answer.kind === 'problem') return answer.outcome
  if (answer.kind === 'done') {
    const balancer = noticeTimeOf(answer.document.probes)
    return show({ drain: answer.document.drain ?? { reason, by }, ...(balancer && { balancer }) }, app)
  }

  const stateDir = await stateDirOf(options.config, env)
  const since = new Date()
  const until = forMs === undefined ? undefined : new Date(since.getTime() + forMs)
  try {
    await writeDrainMarker(stateDir, { reason, by, since, ...(until && { until }) })
  } catch (error) {
    const why = `${answer.message}; cannot write ${drainMarkerIn(stateDir)} either (${codeOrUnknown(error)})`
    return problem(exitCode.unknown, `not drained: ${why}`)
  }
  const drain = { reason, by, since: since.toISOString(), ...(until && { until: until.toISOString() }) }
  return show({ drain, noDaemon: answer.message, wrote: drainMarkerIn(stateDir) }, app)
}
