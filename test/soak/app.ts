import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

/** How the app answers a request. */
export type Respond = (socket: Socket) => void

const page = (body: string, status = '200 OK', headers = ''): string =>
  `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

export const respond = {
  page: socket => void socket.end(page('Welcome')),
  broken: socket => void socket.end(page('Error', '500 Internal Server Error')),
  other: socket => void socket.end(page('Goodbye')),
  redirect: socket => void socket.end(page('', '302 Found', 'Location: /login\r\n')),
  closed: socket => void socket.destroy(),
  garbage: socket => void socket.end(Buffer.alloc(200, 7)),
  slow: socket => void setTimeout(() => socket.end(page('Welcome')), 100),
  large: socket => void socket.end(page(`Welcome${'.'.repeat(4 * 1024 * 1024)}`)),
  silent: () => {},
  torn: socket => void socket.end(page('Welcome').slice(0, -3)),
  markup: socket => void socket.end(page('<'.repeat(60_000), '500 Internal Server Error')),
} as const satisfies Readonly<Record<string, Respond>>

/** An app on a Unix socket whose answers can change, and that can stop. */
export const createApp = (path: string) => {
  let answer: Respond = respond.page
  let server: Server | undefined
  const sockets = new Set<Socket>()
  const stop = async (): Promise<void> => {
    const stopped = server && once(server, 'close')
    server?.close()
    for (const socket of sockets) socket.destroy()
    await stopped
  }
  return {
    stop,
    async start(): Promise<void> {
      server = createServer(socket => {
        sockets.add(socket)
        socket.on('error', () => {}).on('close', () => sockets.delete(socket))
        socket.once('data', () => answer(socket))
      }).listen(path)
      await once(server, 'listening')
    },
    answerBy(next: Respond): void {
      answer = next
    },
  }
}
