import type { FastifyInstance } from 'fastify'
import { createAdminListener } from './admin.ts'
import type { AdminOptions } from './admin.ts'
import { whyNotListening } from './cannot-listen.ts'
import { listen } from './listen.ts'
import { createPublicListener } from './public.ts'
import type { PublicOptions } from './public.ts'
import { codeOf } from '../lib/describe-error.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import type { Logger } from '../log/logger.ts'

/** Owner and group: who may use the actions is decided by the file's group. */
const ADMIN_SOCKET_MODE = 0o660

/** All that the daemon listens on. */
export interface Listeners extends AsyncDisposable {
  /** Throws an error with the system's code if the address cannot be listened on; it says what to do. */
  openPublic(address: string, options: PublicOptions): Promise<void>
  /** An admin listener that cannot be had is logged: it is no reason to take a host out. */
  openAdmin(
    address: string,
    options: { readonly source: AdminOptions; readonly actions: boolean },
  ): Promise<void>
}

export const createListeners = ({
  env,
  logger,
}: {
  readonly env: ProcessEnv
  readonly logger: Logger
}): Listeners => {
  const servers: FastifyInstance[] = []

  const open = async (server: FastifyInstance, address: string, mode?: number): Promise<void> => {
    servers.push(server)
    await server.ready()
    await listen(server.server, address, { env, ...(mode !== undefined && { mode }) })
    logger.log('info', { event: 'daemon.listening', msg: `listening on ${address}`, address })
  }

  return {
    async openPublic(address, options) {
      try {
        await open(createPublicListener(options), address)
      } catch (error) {
        throw Object.assign(new Error(whyNotListening(address, error), { cause: error }), {
          code: codeOf(error),
        })
      }
    },
    async openAdmin(address, { source, actions }) {
      try {
        await open(createAdminListener(source, { actions }), address, ADMIN_SOCKET_MODE)
      } catch (error) {
        const msg = `${whyNotListening(address, error)}; probes are answered all the same`
        logger.log('warn', { event: 'admin.unavailable', msg, address, code: codeOf(error) })
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map(server => server.close()))
    },
  }
}
