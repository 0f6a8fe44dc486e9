import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

/** Listens on the TCP port of the argument, and hands each line that arrives to its parent. */
const server = createServer(socket => {
  socket.on('error', () => {})
  createInterface({ input: socket }).on('line', line => process.send?.({ line }))
})
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.({ listening: true }))
process.on('disconnect', () => process.exit())
