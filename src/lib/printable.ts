import { isMapping } from './json.ts'

/** C0, DEL and C1, the controls of writing direction, and two separators that some take for the end of a line. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * A text that moves no cursor, sets no colour and turns no direction: every control character but the newline is
 * written as JSON writes it, such as `\u001b`.
 */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, character => (character === '\n' ? character : escaped(character)))

const inOneLine = (text: string): string => text.replace(UNPRINTABLE, escaped)

/** The same JSON value with every text in it printable, names included; a newline is escaped too. */
export const printableValue = <Value>(value: Value): Value =>
  JSON.parse(JSON.stringify(value), (_name, part: unknown) => {
    if (typeof part === 'string') return inOneLine(part)
    if (!isMapping(part)) return part
    return Object.fromEntries(Object.entries(part).map(([name, member]) => [inOneLine(name), member]))
  })
