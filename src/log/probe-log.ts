import type { IncomingMessage } from 'node:http'
import { createLogger } from './logger.ts'
import type { LogEvent, Logger, LoggerOptions, OpenLogger } from './logger.ts'

/** Told of each probe that was answered. */
export type OnProbe = (status: 200 | 503, request: IncomingMessage) => void

/** The probes' log; where that is a file of its own, what may be done to it is done to that alone. */
export interface ProbeLog extends Pick<OpenLogger, 'dropped' | 'reopen'>, AsyncDisposable {
  readonly onProbe: OnProbe
}

/** Which probes are logged, and where: `none`, `changes` of the answer, `all`, or all in a file of their own. */
export const createProbeLog = (
  probes: string,
  options: { readonly logger: Logger; readonly release: LoggerOptions['release'] },
): ProbeLog => {
  const file = probes.startsWith('file:') ? probes.slice('file:'.length) : undefined
  const { logger: main, release } = options
  const atEnd = (lost: LogEvent): void => main.log('error', lost)
  const own =
    file === undefined ? undefined : createLogger({ level: 'info', file, release, tell: main, atEnd })
  const logger = own ?? main
  let last: number | undefined

  const onProbe: OnProbe = (status, { socket, headers }) => {
    if (probes === 'none' || (probes === 'changes' && status === last)) return
    last = status
    // an IPv4 client of a socket that takes IPv6 as well (RFC 4291, section 2.5.5.2)
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
