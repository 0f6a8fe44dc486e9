import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Test } from 'tap'
import { freePort } from './free-port.ts'

/** A TCP port of 127.0.0.1 on which another listens until the test ends. */
export const takenPort = async (t: Test): Promise<number> => {
  const port = await freePort()
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => void other.close())
  return port
}
