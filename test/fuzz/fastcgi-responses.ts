import { endRecord, fastcgiRecord } from '../checks/smoke/fastcgi-answer.ts'

type Random = (below: number) => number

const outputs = [
  'Content-Type: text/html\r\n\r\n<h1>Welcome</h1>',
  'Status: 200 OK\r\nContent-Length: 7\r\n\r\nWelcome',
  'Status: 500 Internal Server Error\r\nContent-Type: text/html\r\n\r\nbroken',
  'Status: 404 Not Found\nContent-Type: text/plain\n\nFile not found.\n',
  'Location: /about/\r\n\r\n',
  'Status: 503\r\nRetry-After: 1\r\nX: y\r\n\r\n',
]

const tokens = [
  '\r\n',
  '\n',
  '\r\n\r\n',
  ':',
  'Status: ',
  '200',
  '2000',
  'Status: 500\r\n',
  'Content-Length: 99\r\n',
  '\0',
]

const mutated = (bytes: Buffer, random: Random): Buffer => {
  const at = random(bytes.length + 1)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  switch (random(5)) {
    case 0:
      return Buffer.concat([before, Buffer.from([random(256)]), after.subarray(1)])
    case 1:
      return Buffer.concat([before, after.subarray(random(20))])
    case 2:
      return Buffer.concat([before, after.subarray(0, random(40)), after])
    case 3:
      return before
    default:
      return Buffer.concat([before, Buffer.from(tokens[random(tokens.length)] ?? ''), after])
  }
}

/** One answer of a FastCGI server: records of whole and mutated output, then the bytes mutated a few times. */
export const randomFastcgiResponse = (random: Random): Buffer => {
  if (random(20) === 0) return Buffer.from(Array.from({ length: random(60) }, () => random(256)))
  let output: Buffer = Buffer.from(outputs[random(outputs.length)] ?? '')
  for (let left = random(3); left > 0; left--) output = mutated(output, random)
  const records: Buffer[] = []
  for (let at = 0; at < output.length;) {
    const length = 1 + random(random(2) === 0 ? 5 : 60)
    records.push(fastcgiRecord(6, output.subarray(at, at + length), random(2) * random(256)))
    if (random(5) === 0) records.push(fastcgiRecord(7, 'PHP Warning'))
    at += length
  }
  let bytes: Buffer = Buffer.concat([...records, endRecord(random(10) === 0 ? 1 + random(3) : 0)])
  for (let left = random(3); left > 0; left--) bytes = mutated(bytes, random)
  return bytes
}

/** Whether these bytes may be taken for an answer of 200. Records and headers are read here without the reader's code. */
export const mayBeFastcgi200 = (bytes: Buffer): boolean => {
  let output = ''
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readUInt16BE(at + 4)
    const whole = at + 8 + length + bytes.readUInt8(at + 6)
    if (bytes[at] !== 1 || bytes.readUInt16BE(at + 2) !== 1 || whole > bytes.length) break
    const type = bytes[at + 1]
    if (type === 3) break
    if (type === 6) output += bytes.toString('latin1', at + 8, at + 8 + length)
    else if (type !== 7) break
    at = whole
  }
  const [head] = output.split(/\r?\n\r?\n/)
  const statuses = Array.from((head ?? '').matchAll(/^status:[ \t]*(.*)$/gim), ([, status = '']) =>
    status.trim(),
  )
  return (
    statuses.length < 2 && /\r?\n\r?\n/.test(output) && statuses.every(status => /^200( |$)/.test(status))
  )
}
