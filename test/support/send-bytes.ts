import { once } from 'node:events'
import { createConnection } from 'node:net'

/** What comes back for these bytes from a port of 127.0.0.1, until the server closes. */
export const sendBytes = async (port: number, bytes: string): Promise<string> => {
  const socket = createConnection({ host: '127.0.0.1', port })
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  socket.on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}
