import type { Random } from '../support/random.ts'

const METHODS = 'GET GET GET HEAD POST PUT OPTIONS QUERY TRACE CONNECT PRI get BREW G@T'
  .split(' ')
  .concat('', 'GE T')
const TARGETS = [
  '/health',
  '/health',
  '/health?check=pass',
  '//health',
  '/health/',
  '/HEALTH',
  '/%68ealth',
  '/health%00',
  '/%zz',

  'http://other.example/health',
  'https://u:p@h/health?q',
  'health',
  '*',
  '',
  '/',
  '/../health',
  '/health#x',
  'h:80',
]
const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/1.10',
  'http/1.1',
  '',
]
const LINES = [
  'Host: x',
  'Host: x',
  'Host: x',
  'Host:',
  'Host : x',
  'host: y',
  'Host: x, y',
  'X: \u00ff',
  'X: \u0000',
  ': x',
  'X',

  'Content-Length: 0',
  'Content-Length: 5',
  'Content-Length: +5',
  'Content-Length: -1',
  'Content-Length: 5, 5',

  'Content-Length: 99999999999999999999',
  'Content-Length: 0x5',
  'Content-Length : 5',
  'Content-Length: 5 6',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, identity',

  'Transfer-Encoding:\u000bchunked',
  'Transfer-Encoding\u0000: chunked',
  'Transfer-Encoding: chunked\r\n x',

  'Connection: close',
  'Connection: keep-alive',
  'Connection: upgrade',
  'Upgrade: websocket',
  'Upgrade: h2c',

  'Expect: 100-continue',
  'Expect: 200-ok',
  'X-HTTP-Method-Override: GET',
  'X-Forwarded-For: 127.0.0.1',
  ' folded',
]
const ENDS = ['\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\r\r\n']
const BODIES = [
  '',
  '',
  'hello',
  '0\r\n\r\n',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;x=y\r\nhello\r\n0\r\nTrailer: GET /health\r\n\r\n',
  'ffffffffffffffff\r\n',
  '-1\r\n',
  '0\r\nX: y\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /health HTTP/1.1\r\nHost: x\r\n\r\n',
]

const requestOf = (random: Random): string => {
  /** What most clients send, or else anything. */
  const usual = <Item>(most: Item, items: readonly Item[]): Item =>
    random.chance(0.8) ? most : random.pick(items)
  const end = usual('\r\n', ENDS)
  const lines = random.chance(0.6) ? [] : Array.from({ length: random.below(4) }, () => random.pick(LINES))
  const host = random.chance(0.9) ? ['Host: x'] : []
  const long = random.chance(0.02) ? [`X: ${'x'.repeat(random.below(12_000))}`] : []
  const first = `${usual('GET', METHODS)} ${usual('/health', TARGETS)} ${usual('HTTP/1.1', VERSIONS)}`
  return `${[first, ...host, ...lines, ...long].join(end)}${end}${end}${usual('', BODIES)}`
}

const mutated = (bytes: Buffer, random: Random): Buffer => {
  const at = random.below(bytes.length)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  const ways = [
    () => before,
    () => Buffer.concat([before, after.subarray(1)]),
    () => Buffer.concat([before, Buffer.from([random.below(256)]), after]),
    () => Buffer.concat([before, Buffer.from([random.below(256)]), after.subarray(1)]),
    () => Buffer.concat([before, bytes.subarray(0, random.below(bytes.length)), after]),
  ]
  return random.pick(ways)()
}

/** Bytes of a client: one request or several, valid, malformed, smuggled, or mutated. */
export const randomRequests = (random: Random): Buffer => {
  const count = random.chance(0.3) ? 1 + random.below(12) : 1
  let bytes = Buffer.from(Array.from({ length: count }, () => requestOf(random)).join(''), 'latin1')
  while (bytes.length > 0 && random.chance(0.25)) bytes = Buffer.from(mutated(bytes, random))
  return bytes
}
