import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'

/** An aggregator that takes lines over TCP. */
export interface LineReceiver extends AsyncDisposable {
  readonly lines: readonly string[]
}

/** Takes lines on a port of 127.0.0.1, and adds them to those that are given, until the test ends or it is disposed of. */
export const receiveLines = async (t: Test, port: number, lines: string[] = []): Promise<LineReceiver> => {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    createInterface({ input: socket }).on('line', line => lines.push(line))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const receiver: LineReceiver = {
    lines,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
  t.teardown(() => receiver[Symbol.asyncDispose]())
  return receiver
}
