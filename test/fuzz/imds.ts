/**
 * Sessions with the instance metadata service (IMDSv2), each with its answers changed: status line, headers, body, chunks,
 * cut, in pieces, without an end, too many bytes. None may throw, stay past its deadline, or give a host that was not answered.
 * Usage: node test/fuzz/imds.ts [first seed] [count]
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { hostSourceOf } from '../../src/checks/smoke/host-source.ts'
import { createInstanceMetadata } from '../../src/connect/instance-metadata.ts'
import { createRandom } from '../support/random.ts'
import type { Random } from '../support/random.ts'

const [first = Date.now() % 1e9, count = 5000] = process.argv.slice(2).map(Number)
const DEADLINE_MS = 100
const GRACE_MS = 1000
/** A token, an address, and one more of each after a 401. */
const MAX_REQUESTS = 4
const MAX_GROWTH_BYTES = 200 * 1024 * 1024

const TOKEN = 'AQAEAKbT0uLZyJkQ-only-for-a-fuzzer-w9p7mVz1hQ2Yc3XdA=='
const ADDRESS = '10.0.3.17'

const answerOf = (body: string, type: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 21600\r\nContent-Type: ${type}\r\nAccept-Ranges: none\r\nContent-Length: ${body.length}\r\nDate: Thu, 26 Nov 2026 10:00:00 GMT\r\nServer: EC2ws\r\nConnection: close\r\n\r\n${body}`,
  )

const inChunks = (body: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${Array.from(body, byte => `1\r\n${byte}\r\n`).join('')}0\r\n\r\n`,
  )

const tokens = [
  'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n',
  'Content-Length: 9\r\n',
  'Content-Length: -1\r\n',
  'Transfer-Encoding: chunked\r\n',
  'ffffffffffffffff\r\n',
  '\r\n\r\n',
  '999.1.2.3',
  ' ',
  '\0',
]

const changed = (bytes: Buffer, random: Random): Buffer => {
  const at = random.below(bytes.length + 1)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  const change = random.pick<() => readonly Buffer[]>([
    () => [before, Buffer.from([random.below(256)]), after.subarray(1)],
    () => [before, after.subarray(random.below(20))],
    () => [before, after.subarray(0, random.below(40)), after],
    () => [before],
    () => [before, Buffer.from(random.pick(tokens)), after],
    () => [Buffer.from(random.pick(tokens)), after],
    () => [bytes, Buffer.alloc(random.below(2_000_000), 'x')],
    () => [
      Buffer.from(bytes.toString('latin1').replace(/Content-Length: \d+/, 'X: y')),
      Buffer.alloc(5_000_000, '1'),
    ],
  ])
  return Buffer.concat(change())
}

const random = { current: createRandom(first) }
let requests = 0
let sent = ''

const reply = (socket: Socket, isToken: boolean): void => {
  const { current } = random
  const whole = current.chance(0.3)
    ? inChunks(isToken ? TOKEN : ADDRESS)
    : answerOf(isToken ? TOKEN : ADDRESS, 'text/plain')
  const bytes = current.chance(0.6) ? changed(whole, current) : whole
  sent += bytes.toString('latin1', 0, 20_000)
  const at = current.below(bytes.length + 1)
  socket.write(bytes.subarray(0, at))
  setImmediate(() => {
    socket.write(bytes.subarray(at))
    if (!current.chance(0.03)) socket.end()
  })
}

const server = createServer(socket => {
  socket.on('error', () => {})
  socket.once('data', chunk => {
    requests += 1
    reply(socket, chunk.toString('latin1').startsWith('PUT'))
  })
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo

const counts: Record<string, number> = {}
const rssBefore = process.memoryUsage().rss
let slowestMs = 0
for (let seed = first; seed < first + count; seed += 1) {
  const complain = (what: string): never => {
    throw new Error(`${what}; seed ${seed}`)
  }
  random.current = createRandom(seed)
  requests = 0
  sent = ''
  const ask = hostSourceOf('imds:local-ipv4', createInstanceMetadata(`http://127.0.0.1:${port}`))
  const startedAt = performance.now()
  const answer = await ask(AbortSignal.timeout(DEADLINE_MS))
  const tookMs = performance.now() - startedAt
  slowestMs = Math.max(slowestMs, tookMs)
  const outcome = answer.ok ? 'ok' : answer.message.replace(/:.*/, '').replace(/\d+/, 'N')
  counts[outcome] = (counts[outcome] ?? 0) + 1
  if (tookMs > DEADLINE_MS + GRACE_MS) complain(`took ${Math.round(tookMs)} ms`)
  if (requests > MAX_REQUESTS) complain(`made ${requests} requests`)
  if (!answer.ok) continue
  if (!/HTTP\/1\.[01] 200/.test(sent)) complain('no 200 was sent')
  if (!sent.replaceAll('\r\n1\r\n', '').includes(answer.host)) complain(`gave ${answer.host}`)
}
server.close()
const grownBytes = process.memoryUsage().rss - rssBefore
process.stdout.write(
  `${count} sessions from seed ${first}, slowest ${Math.round(slowestMs)} ms, ` +
    `${Math.round(grownBytes / 1024 / 1024)} MiB more than before\n${JSON.stringify(counts, undefined, 2)}\n`,
)
if (grownBytes > MAX_GROWTH_BYTES) process.exitCode = 1
