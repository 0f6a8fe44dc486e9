import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A Unix socket's path in a directory that goes with the test; short enough for sun_path. */
export const socketPath = async (t: Test): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'smoke-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return join(directory, 'app.sock')
}

/** A server that answers each connection's first bytes with `respond`, or that speaks first with `greet`. */
export const serve = async (
  t: Test,
  respond: (socket: Socket, received: Buffer) => void,
  { greet }: { readonly greet?: (socket: Socket) => void } = {},
): Promise<{
  readonly path: string
  /** What each connection's first bytes were. */
  readonly requests: readonly Buffer[]
  /** Connections that are open now. */
  open(): number
}> => {
  const path = await socketPath(t)
  const requests: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: false }, socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    greet?.(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.once('data', data => {
      requests.push(data)
      respond(socket, data)
    })
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise<void>(resolve => server.close(() => resolve()))
  })
  return { path, requests, open: () => sockets.size }
}

/** Answers with these bytes, then closes. */
export const bytes = (text: string) => (socket: Socket) => socket.end(text)

/** A whole HTTP answer with the length of its body. */
export const page = (status: string, body: string, headers = '') =>
  bytes(`HTTP/1.1 ${status}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
