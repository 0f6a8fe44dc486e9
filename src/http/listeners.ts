import type { FastifyInstance } from 'fastify'
import { createAdminListener } from './admin.ts'
import type { AdminOptions } from './admin.ts'
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
  /** Throws the system's error if the address cannot be listened on. */
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
    openPublic: (address, options) => open(createPublicListener(options), address),
    async openAdmin(address, { source, actions }) {
      try {
        await open(createAdminListener(source, { actions }), address, ADMIN_SOCKET_MODE)
      } catch (error) {
        const code = codeOf(error)
        const msg = `no admin listener on ${address}: ${code ?? 'unknown error'}`
        logger.log('warn', { event: 'admin.unavailable', msg, address, code })
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map(server => server.close()))
    },
  }
}
