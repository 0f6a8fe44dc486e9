import { recorded } from '../checks/smoke/recorded.ts'

/** Numbers from 0 up to `below`, the same for the same seed (mulberry32). */
export const createRandom = (seed: number): ((below: number) => number) => {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let z = Math.imul(state ^ (state >>> 15), state | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return Math.floor((((z ^ (z >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const corpus: readonly Buffer[] = [
  ...Object.values(recorded),
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nWel\r\n4\r\ncome\r\n0\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 503 Busy\r\nRetry-After: 1\r\n\r\nbusy',
  'HTTP/1.0 204 No Content\r\n\r\n',
  'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
].map(text => Buffer.from(text))

/** What parsers stumble over. */
const tokens: readonly Buffer[] = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '\0',
  ' ',
  ':',
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 ',
  '200',
  '100',
  '2000',
  'Content-Length: 99999999999999999999\r\n',
  'Content-Length: 0x10\r\n',
  'Transfer-Encoding: chunked\r\n',
  'ffffffffffffffff\r\n',
  '0\r\n\r\n',
  '7;a=b\r\n',
  'Upgrade: h2c\r\n',
  'Connection: upgrade\r\n',
  ' folded\r\n',
  'x'.repeat(5000),
  'X: y\r\n'.repeat(2000),
].map(text => Buffer.from(text))

/** With a header after the status line: lengths below zero have sent parsers back to where they had been. */
const lengthened = (bytes: Buffer, header: string): Buffer => {
  const at = bytes.indexOf('\r\n') + 2
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(header), bytes.subarray(at)])
}

/** One response of a server: a recorded one, mutated a few times, or nothing but noise. */
export const randomResponse = (random: (below: number) => number): Buffer => {
  const one = <T>(items: readonly T[]): T => items[random(items.length)] as T
  const noise = () => Buffer.from(Array.from({ length: random(60) }, () => random(256)))

  const mutate = (bytes: Buffer): Buffer => {
    const at = random(bytes.length + 1)
    const length = random(20)
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
    switch (random(9)) {
      case 0:
        return Buffer.concat([before, Buffer.from([random(256)]), after.subarray(1)])
      case 1:
        return Buffer.concat([before, after.subarray(length)])
      case 2:
        return Buffer.concat([before, after.subarray(0, length), after])
      case 3:
        return before
      case 4:
        return Buffer.concat([before, one(corpus).subarray(random(80))])
      case 5:
        return Buffer.concat([before, noise(), after])
      case 6:
        return lengthened(bytes, `Content-Length: ${random(200) - 150}\r\n`)
      case 7:
        return lengthened(bytes, `Transfer-Encoding: chunked\r\n\r\n${random(60) - 50}\r\n`)
      default:
        return Buffer.concat([before, one(tokens), after])
    }
  }

  if (random(20) === 0) return noise()
  let bytes = one(corpus)
  for (let left = random(5); left > 0; left--) bytes = mutate(bytes)
  return bytes
}

/** The same bytes in pieces, as a socket might bring them. */
export const inPieces = (bytes: Buffer, random: (below: number) => number): Buffer[] => {
  if (random(3) === 0) return [bytes]
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random(random(2) === 0 ? 5 : 500)
    pieces.push(bytes.subarray(at, at + length))
    at += length
  }
  return pieces
}

/** Whether a client may take these bytes for an answer of 200: read here with no parser at all. */
export const mayBe200 = (bytes: Buffer): boolean =>
  /^HTTP\/1\.[01] (200[ \r\n]|1\d\d[ \r\n].*\nHTTP\/1\.[01] 200)/s.test(bytes.toString('latin1'))
