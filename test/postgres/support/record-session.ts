import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createDatabases } from '../../../src/postgres/databases.ts'
import type { Exchange } from './mutate-session.ts'

/** The query of a recorded session: rows of several types, so that each kind of value is met. */
export const RECORDED_QUERY = `select n as id, 'name ' || n as name, n % 2 = 0 as even, null as nothing
  from generate_series(1, 5) as n`

/** Splits what a server sent into messages. */
const messagesOf = (bytes: Buffer): Exchange => {
  const messages: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + bytes.readUInt32BE(at + 1)
    messages.push(bytes.subarray(at, end))
    at = end
  }
  return messages
}

export interface RecordedSession {
  readonly exchanges: readonly Exchange[]
  readonly rows: readonly object[]
  /** Of a login by SCRAM-SHA-256; undefined if the server trusted the client. */
  readonly password?: string
}

/** Asks a real server, and records what it sends after each request. Without a password, it must trust everybody. */
export const recordSession = async (port: number, password?: string): Promise<RecordedSession> => {
  const exchanges: Buffer[] = []
  const proxy = createServer(client => {
    const server = connect({ port, host: '127.0.0.1' })
    client
      .on('error', () => {})
      .on('data', chunk => {
        exchanges.push(Buffer.alloc(0))
        server.write(chunk)
      })
    server.on('error', () => {}).on('close', () => client.destroy())
    client.on('close', () => server.destroy())
    server.on('data', chunk => {
      exchanges.push(Buffer.concat([exchanges.pop() ?? Buffer.alloc(0), chunk]))
      client.write(chunk)
    })
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port: proxyPort } = proxy.address() as AddressInfo
  const databases = createDatabases()
  const url = `postgres://postgres${password === undefined ? '' : `:${password}`}@127.0.0.1:${proxyPort}/postgres?sslmode=disable`
  const answer = await databases.query(url, { text: RECORDED_QUERY, signal: AbortSignal.timeout(10_000) })
  const recorded = exchanges.filter(bytes => bytes.length > 0).map(messagesOf)
  await databases[Symbol.asyncDispose]()
  proxy.close()
  await once(proxy, 'close')
  if (!answer.ok) throw new Error(answer.problem.message)
  return { exchanges: recorded, rows: answer.rows, ...(password !== undefined && { password }) }
}
