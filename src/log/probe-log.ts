import type { IncomingMessage } from 'node:http'
import { createLogger } from './logger.ts'
import type { LogEvent, Logger, LoggerOptions, OpenLogger } from './logger.ts'

/** Called for each answered probe. */
export type OnProbe = (status: 200 | 503, request: IncomingMessage) => void

/** The log of probes. `reopen` and `dropped` concern its own file only, if it has one. */
export interface ProbeLog extends Pick<OpenLogger, 'dropped' | 'reopen'>, AsyncDisposable {
  readonly onProbe: OnProbe
}

/** Logs probes: `none`, `changes` of the answer, `all`, or `file:/path` for all of them in a separate file. */
export const createProbeLog = (
  probes: string,
  options: { readonly logger: Logger; readonly release: LoggerOptions['release'] },
): ProbeLog => {
  const file = probes.startsWith('file:') ? probes.slice('file:'.length) : undefined
  const { logger: main, release } = options
  const onLost = (lost: LogEvent): void => main.log('error', lost)
  const own =
    file === undefined ? undefined : createLogger({ level: 'info', file, release, fallback: main, onLost })
  const logger = own ?? main
  let last: number | undefined

  const onProbe: OnProbe = (status, { socket, headers }) => {
    if (probes === 'none' || (probes === 'changes' && status === last)) return
    last = status
    // an IPv4 client of a dual-stack socket (RFC 4291, section 2.5.5.2)
    const remoteAddress = socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '')
    logger.log('info', {
      event: 'probe.answered',
      msg: `answered ${status} to ${remoteAddress ?? 'a local client'}`,
      httpStatus: status,
      remoteAddress,
      userAgent: headers['user-agent']?.slice(0, 100),
    })
  }
  return {
    onProbe,
    dropped: () => own?.dropped() ?? 0,
    reopen: async () => await own?.reopen(),
    [Symbol.asyncDispose]: async () => await own?.[Symbol.asyncDispose](),
  }
}
