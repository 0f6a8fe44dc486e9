import type { Random } from '../../support/random.ts'
import { int16, int32 } from './fake-server.ts'

/** What a server sends after one request of the client, message by message. */
export type Exchange = readonly Buffer[]

export interface Mutation {
  readonly kind: string
  readonly session: readonly Exchange[]
  /** Whether the values of rows or the description of columns were changed, so that another answer is right. */
  readonly changesData: boolean
}

const flip = (message: Buffer, random: Random): Buffer => {
  const copy = Buffer.from(message)
  copy[random.below(copy.length)] = random.below(256)
  return copy
}

const extremes = [0, 1, 4, 5, 255, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]

const setLength = (message: Buffer, random: Random): Buffer => {
  const copy = Buffer.from(message)
  copy.writeUInt32BE(random.chance(0.5) ? random.pick(extremes) : random.below(200), 1)
  return copy
}

const setNumber = (message: Buffer, random: Random): Buffer => {
  const value = random.pick(extremes)
  const bytes = random.chance(0.5) ? int16(value & 0xffff) : int32(value | 0)
  const copy = Buffer.from(message)
  bytes.copy(copy, 1 + random.below(Math.max(copy.length - bytes.length, 1)))
  return copy
}

const withLength = (message: Buffer): Buffer => {
  message.writeUInt32BE(message.length - 1, 1)
  return message
}

const truncate = (message: Buffer, random: Random): Buffer =>
  withLength(Buffer.from(message.subarray(0, 5 + random.below(Math.max(message.length - 5, 1)))))

const extend = (message: Buffer, random: Random): Buffer =>
  withLength(
    Buffer.concat([
      message,
      Buffer.from(Array.from({ length: 1 + random.below(20) }, () => random.below(256))),
    ]),
  )

const letters = '123ACDEGHIKNRSTVWZcdnstv!\0'

const relabel = (message: Buffer, random: Random): Buffer => {
  const copy = Buffer.from(message)
  copy[0] = letters.charCodeAt(random.below(letters.length))
  return copy
}

const invent = (random: Random): Buffer => {
  const body = Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)))
  return relabel(withLength(Buffer.concat([Buffer.alloc(5), body])), random)
}

const changes: Readonly<Record<string, (message: Buffer, random: Random) => Exchange>> = {
  flip: (message, random) => [flip(message, random)],
  length: (message, random) => [setLength(message, random)],
  number: (message, random) => [setNumber(message, random)],
  truncate: (message, random) => [truncate(message, random)],
  extend: (message, random) => [extend(message, random)],
  relabel: (message, random) => [relabel(message, random)],
  double: message => [message, message],
  drop: () => [],
  invent: (message, random) => [message, invent(random)],
  precede: (message, random) => [invent(random), message],
  cut: (message, random) => [message.subarray(0, random.below(message.length))],
}

/** Kinds that leave a message what it was, but for what it holds. */
const CONTENT = new Set(['flip', 'number', 'truncate', 'extend'])

/** Changes one message of a recorded session, by a seed: any, or one of the letters given. */
export const mutateSession = (
  session: readonly Exchange[],
  random: Random,
  { letters: only = '' } = {},
): Mutation => {
  const places = session.flatMap((exchange, i) =>
    exchange.flatMap((each, j) =>
      only === '' || only.includes(each.toString('latin1', 0, 1)) ? [[i, j] as const] : [],
    ),
  )
  const [at, index] = random.pick(places)
  const kind = random.pick(Object.keys(changes))
  const message = session[at]?.[index] ?? Buffer.alloc(0)
  const changed = changes[kind]?.(message, random) ?? []
  return {
    kind,
    changesData: CONTENT.has(kind) && 'TD'.includes(message.toString('latin1', 0, 1)),
    session: session.map((exchange, i) =>
      i === at ? exchange.flatMap((each, j) => (j === index ? changed : [each])) : exchange,
    ),
  }
}
