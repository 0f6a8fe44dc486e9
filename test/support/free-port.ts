import { once } from 'node:events'
import { createServer } from 'node:net'

const HOST = '127.0.0.1'

/** A TCP port of 127.0.0.1 that nobody listens on at this moment: `preferred`, or another where that is taken. */
export const freePort = async (preferred = 0): Promise<number> => {
  const server = createServer()
  try {
    server.listen(preferred, HOST)
    await once(server, 'listening')
  } catch (error) {
    if (preferred === 0) throw error
    return await freePort()
  }
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
