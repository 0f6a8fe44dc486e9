import { once } from 'node:events'
import { createServer } from 'node:net'

const HOST = '127.0.0.1'
/** As many as the most files that a `.taprc` runs at once. */
const LANES = 3
/** tap numbers the files that it runs at once. */
const lane = Number(process.env['TAP_JOB_ID'] ?? 0) % LANES
/** The kernel gives the even ports to connections. */
const laneOf = (port: number): number => (port >> 1) % LANES
/** Who got one may not listen on it yet. */
const given = new Set<number>()

/**
 * A TCP port of 127.0.0.1 that nobody listens on at this moment: `preferred`, or another where that is taken. No call gets
 * one that another got before, in this file or in one that tap runs at once.
 */
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
  const { port } = address
  if (preferred === 0 && (laneOf(port) !== lane || given.has(port))) return await freePort()
  given.add(port)
  return port
}
