import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { certificateFile, keyFile } from '../../support/postgres.ts'

/** One message of the backend: a letter, a length and a body. */
export const message = (letter: string, ...parts: readonly (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : part)))
  const header = Buffer.alloc(5)
  header.write(letter, 'latin1')
  header.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([header, body])
}

export const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export const AUTHENTICATED = message('R', int32(0))
export const READY = message('Z', 'I')
export const LOGGED_IN = Buffer.concat([AUTHENTICATED, message('K', int32(1), int32(2)), READY])

export const columns = (...names: readonly string[]): Buffer =>
  message(
    'T',
    int16(names.length),
    ...names.flatMap(name => [
      `${name}\0`,
      int32(0),
      int16(0),
      int32(25),
      int16(65_535),
      int32(-1),
      int16(0),
    ]),
  )

export const row = (...values: readonly string[]): Buffer =>
  message('D', int16(values.length), ...values.flatMap(value => [int32(Buffer.byteLength(value)), value]))

export const complete = (tag: string): Buffer => message('C', `${tag}\0`)

export const error = (fields: Readonly<Record<string, string>>): Buffer =>
  message('E', ...Object.entries(fields).map(([letter, text]) => `${letter}${text}\0`), '\0')

/** What a well-behaved server answers to the begin of a transaction. */
export const BEGUN = Buffer.concat([
  complete('BEGIN'),
  complete('SET'),
  columns('schema'),
  row('public'),
  complete('SELECT 1'),
  READY,
])

/** A message of the client: its letter (`''` for the one that starts the session) and its body. */
export interface Request {
  readonly letter: string
  readonly body: Buffer
}

/** Splits what a client sends into messages. The first ones have no letter. */
const createRequestReader = (): ((chunk: Buffer) => readonly Request[]) => {
  let pending = Buffer.alloc(0)
  let started = false
  return chunk => {
    pending = Buffer.concat([pending, chunk])
    const requests: Request[] = []
    for (;;) {
      const header = started ? 1 : 0
      if (pending.length < header + 4) return requests
      const length = pending.readInt32BE(header)
      if (pending.length < header + length) return requests
      const body = pending.subarray(header + 4, header + length)
      requests.push({ letter: started ? pending.toString('latin1', 0, 1) : '', body })
      started ||= body.readInt32BE(0) === 196_608
      pending = pending.subarray(header + length)
    }
  }
}

const SSL_REQUEST = 80_877_103
const MAX_RECEIVED = 100_000

export interface FakeServer extends AsyncDisposable {
  readonly port: number
  /** What clients have sent, after TLS, up to `MAX_RECEIVED`. */
  readonly received: () => string
}

/** A server of this test's own making. `answer` is given each request, and the socket to write to. */
export const startFakeServer = async (
  answer: (request: Request, socket: Socket) => void,
  { tls = false, path }: { readonly tls?: boolean; readonly path?: string } = {},
): Promise<FakeServer> => {
  const sockets = new Set<Socket>()
  let received = ''
  const secureContext =
    tls && createSecureContext({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) })

  const listen = (socket: Socket): void => {
    const read = createRequestReader()
    const take = (chunk: Buffer): void => {
      if (received.length < MAX_RECEIVED) received += chunk.toString('latin1')
      for (const request of read(chunk)) {
        const isSslRequest = request.letter === '' && request.body.readInt32BE(0) === SSL_REQUEST
        if (!isSslRequest) answer(request, socket)
        else if (!secureContext) socket.write('N')
        else {
          socket.off('data', take)
          socket.write('S')
          const secure = new TLSSocket(socket, { isServer: true, secureContext })
          secure.on('error', () => {})
          listen(secure)
        }
      }
    }
    socket.on('data', take)
  }

  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    listen(socket)
  })
  server.listen(path === undefined ? { port: 0, host: '127.0.0.1' } : { path })
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    received: () => received,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
