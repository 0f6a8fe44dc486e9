import type { PublicOptions } from '../http/public.ts'
import { createLogger } from './logger.ts'
import type { Logger, LoggerOptions } from './logger.ts'

/** Which probes are logged, and where: `none`, `changes` of the answer, `all`, or all in a file of their own. */
export const createProbeLog = (
  probes: string,
  options: { readonly logger: Logger; readonly release: LoggerOptions['release'] },
): { readonly onProbe: PublicOptions['onProbe']; readonly flush: () => void } => {
  const file = probes.startsWith('file:') ? probes.slice('file:'.length) : undefined
  const own = file === undefined ? undefined : createLogger({ level: 'info', file, release: options.release })
  const logger = own ?? options.logger
  let last: number | undefined

  const onProbe: PublicOptions['onProbe'] = (status, { socket, headers }) => {
    if (probes === 'none' || (probes === 'changes' && status === last)) return
    last = status
    const { remoteAddress } = socket
    logger.log('info', {
      event: 'probe.answered',
      msg: `answered ${status} to ${remoteAddress ?? 'a local client'}`,
      status,
      remoteAddress,
      userAgent: headers['user-agent']?.slice(0, 100),
    })
  }
  return { onProbe, flush: () => own?.flush() }
}
