import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { chmod } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** Longer than the timeout of the demo's check. */
const SLOW_MS = 1500

/** A web app of one page, which needs its database. */
export interface App {
  /** A page that the app cannot render, whatever the database says. */
  isBroken: boolean
  /** It answers late, as under load, but correctly. */
  isSlow: boolean
  readonly isRunning: boolean
  start(): Promise<void>
  stop(): Promise<void>
}

export const createApp = ({
  socket,
  products,
}: {
  readonly socket: string
  /** Names from the database; throws where that does not answer. */
  readonly products: () => Promise<readonly string[]>
}): App => {
  let server: Server | undefined

  const page = async (): Promise<string> => {
    if (app.isSlow) await delay(SLOW_MS, undefined, { ref: false })
    const items = (await products()).map(name => `<li>${name}</li>`)
    if (app.isBroken) throw new Error('this view is broken')
    return `<h1>Welcome</h1><ul>${items.join('')}</ul>\n`
  }

  const app = {
    isBroken: false,
    isSlow: false,
    get isRunning() {
      return server !== undefined
    },
    async start() {
      server = createServer((_request, response) => {
        page().then(
          html => response.setHeader('content-type', 'text/html').end(html),
          () => response.writeHead(500).end('<h1>Server Error (500)</h1>\n'),
        )
      })
      server.listen(socket)
      await once(server, 'listening')
      await chmod(socket, 0o666)
    },
    async stop() {
      const closing = server
      server = undefined
      if (!closing) return
      closing.close()
      closing.closeAllConnections()
      await once(closing, 'close')
    },
  }
  return app
}
