import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createAdminListener } from './admin.ts'
import type { AdminOptions } from './admin.ts'
import { whyNotListening } from './cannot-listen.ts'
import { everyAddress, listen } from './listen.ts'
import { createPublicListener } from './public.ts'
import type { PublicOptions } from './public.ts'
import { codeOf } from '../lib/describe-error.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import type { Logger } from '../log/logger.ts'

/** Owner and group: who may use the actions is decided by the file's group. */
const ADMIN_SOCKET_MODE = 0o660

/** All that the daemon listens on. */
export interface Listeners extends AsyncDisposable {
  /**
   * Opens the public addresses. Throws an error with the system's code if one cannot be listened on; it says what to do.
   */
  openPublic(
    options: Omit<PublicOptions, 'proxyProtocol'> & {
      readonly addresses: readonly string[]
      /** Those on which each connection must begin with a header of the PROXY protocol. */
      readonly proxied: readonly string[]
    },
  ): Promise<void>
  /**
   * Opens the admin socket, which has the actions, and the address that is read-only. One that cannot be had is logged: it is
   * no reason to take a host out.
   */
  openAdmin(
    options: Omit<AdminOptions, 'hosts'> & {
      /** A path. Its directory is made if it is missing. */
      readonly socket: string
      /** `host:port`. Its host is one by which clients may ask. */
      readonly address?: string | undefined
      readonly hosts?: AdminOptions['hosts'] | undefined
    },
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

  const tryAdmin = async (
    source: AdminOptions,
    { address, actions }: { readonly address: string; readonly actions: boolean },
  ): Promise<void> => {
    try {
      await open(createAdminListener(source, { actions }), address, ADMIN_SOCKET_MODE)
    } catch (error) {
      const msg = `${whyNotListening(address, error)}; probes are answered all the same`
      logger.log('warn', { event: 'admin.unavailable', msg, address, code: codeOf(error) })
    }
  }

  return {
    async openPublic({ addresses, proxied, ...options }) {
      for (const address of everyAddress(addresses, env)) {
        const proxyProtocol = proxied.includes(address.replace(/^systemd#\d+$/, 'systemd'))
        try {
          await open(createPublicListener({ ...options, proxyProtocol }), address)
        } catch (error) {
          throw Object.assign(new Error(whyNotListening(address, error), { cause: error }), {
            code: codeOf(error),
          })
        }
      }
    },
    async openAdmin({ socket, address, hosts = [], ...options }) {
      const source = { ...options, hosts: [...hosts, ...(address?.split(':', 1) ?? [])] }
      // where it cannot be made, listening says so
      await mkdir(dirname(socket)).catch(() => {})
      await tryAdmin(source, { address: `unix:${socket}`, actions: true })
      if (address !== undefined) await tryAdmin(source, { address, actions: false })
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map(server => server.close()))
    },
  }
}
