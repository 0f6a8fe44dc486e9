/** Where a text that ends in a zero byte ends, with that byte; NaN if it does not end. */
const textEnd = (body: Buffer, from: number): number => {
  const zero = body.indexOf(0, from)
  return zero < 0 ? NaN : zero + 1
}

const areTexts = (body: Buffer, from: number, count: number): boolean => {
  let at = from
  for (let i = 0; i < count; i++) at = textEnd(body, at)
  return at === body.length
}

/** Fields of one letter and a text each, and a zero byte. */
const areErrorFields = (body: Buffer): boolean => {
  let at = 0
  while (at < body.length && body[at] !== 0) at = textEnd(body, at + 1)
  return at === body.length - 1
}

/** More columns than any of Postgres's tables and results has (its MaxTupleAttributeNumber is 1664). */
const MAX_FIELDS = 1664
const FIELD_BYTES = 18

const isRowDescription = (body: Buffer): boolean => {
  const count = body.length < 2 ? NaN : body.readUInt16BE(0)
  if (!(count <= MAX_FIELDS)) return false
  let at = 2
  for (let i = 0; i < count; i++) at = textEnd(body, at) + FIELD_BYTES
  return at === body.length
}

const isDataRow = (body: Buffer): boolean => {
  const count = body.length < 2 ? NaN : body.readUInt16BE(0)
  if (!(count <= MAX_FIELDS)) return false
  let at = 2
  for (let i = 0; i < count; i++) {
    if (at + 4 > body.length) return false
    const length = body.readInt32BE(at)
    if (length < -1) return false
    at += 4 + Math.max(length, 0)
  }
  return at === body.length
}

const isParameterDescription = (body: Buffer): boolean =>
  body.length >= 2 && body.length === 2 + 4 * body.readUInt16BE(0)

const isEmpty = (body: Buffer): boolean => body.length === 0

/**
 * How each message must be built that a server may send to this program (manual, "Message Formats"), by its letter.
 * COPY, functions and replication are never asked for. `R`, the login, has a guard of its own.
 */
const shapes: Readonly<Record<string, (body: Buffer) => boolean>> = {
  '1': isEmpty,
  '2': isEmpty,
  '3': isEmpty,
  A: body => body.length > 4 && areTexts(body, 4, 2),
  C: body => areTexts(body, 0, 1),
  D: isDataRow,
  E: areErrorFields,
  I: isEmpty,
  K: body => body.length === 8,
  N: areErrorFields,
  R: body => body.length >= 4,
  S: body => areTexts(body, 0, 2),
  T: isRowDescription,
  Z: body => body.length === 1 && 'ITE'.includes(String.fromCharCode(body[0] ?? 0)),
  n: isEmpty,
  t: isParameterDescription,
}

export const isKnownLetter = (letter: string): boolean => Object.hasOwn(shapes, letter)

/** Whether the body of a message, whose letter is known, is complete and well formed. */
export const isWellFormed = (letter: string, body: Buffer): boolean => shapes[letter]?.(body) === true

/** How many rows a statement says that it returned (`SELECT 3`); undefined for one that returns none. */
export const rowsToldBy = (commandComplete: Buffer): number | undefined => {
  const count = /^SELECT (\d+)\0$/.exec(commandComplete.toString('latin1'))?.[1]
  return count === undefined ? undefined : Number(count)
}
