import type { Socket } from 'node:net'
import type { Clock } from '../monitor/clock.ts'
import { describeError } from '../lib/describe-error.ts'
import type { Logger } from './logger.ts'
import { addressOf } from './probe-log.ts'
import { createSeldom, moreText } from './seldom.ts'

/** A request that the admin listener did not trust. */
export interface DistrustedRequest {
  readonly status: 421 | 403
  /** By which host the client asked, in lower case; undefined if it was malformed. */
  readonly asked: string | undefined
  readonly socket: Socket
}

/** What may be a name of a host, and nothing else that a client can write into a header. */
const NAME = /^[a-z0-9_](?:[a-z0-9._-]{0,99})$/

const why = ({ status, asked }: DistrustedRequest): string => {
  if (status === 403) return 'a browser sent it on behalf of a page from elsewhere; nothing was done'
  const name = asked !== undefined && NAME.test(asked) ? asked : undefined
  return name === undefined
    ? 'its Host is neither a name nor an address; ask by address'
    : `it asked by the name ${name}; if this host has that name, add it to \`admin.hosts\` and restart the service; else ask by address`
}

/** Tells of what goes wrong at the admin listeners: at most one line a minute of each kind. */
export interface AdminLog {
  /** The request was refused. */
  distrusted(request: DistrustedRequest): void
  /** The answer to a request for this path could not be made: the program itself broke. */
  broke(path: string, error: unknown): void
}

export const createAdminLog = ({
  logger,
  clock,
}: {
  readonly logger: Logger
  readonly clock: Pick<Clock, 'now'>
}): AdminLog => {
  const seldom = createSeldom(clock)
  return {
    distrusted(request) {
      const { status, socket } = request
      const unlogged = seldom.of(String(status))
      if (unlogged === undefined) return
      const remoteAddress = addressOf(socket)
      logger.log('warn', {
        event: 'admin.refused',
        msg: `the admin listener answered ${status} to ${remoteAddress ?? 'a local client'}${moreText(unlogged)}: ${why(request)}`,
        httpStatus: status,
        remoteAddress,
        unlogged,
      })
    },
    broke(path, error) {
      const unlogged = seldom.of(path)
      if (unlogged === undefined) return
      logger.log('error', {
        event: 'admin.broke',
        msg: `the admin listener cannot answer ${path}${moreText(unlogged)}: the program itself broke (${describeError(error)}); probes are answered all the same; report it`,
        path,
        unlogged,
      })
    },
  }
}
