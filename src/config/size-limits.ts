import { isMapping } from '../lib/json.ts'

/** Values in it, each counted as often as aliases repeat it. */
const MAX_VALUES = 20_000
/** Mappings and lists inside each other. The deepest key of this program is at 6. */
export const MAX_DEPTH = 32
export const TOO_DEEP = `found more than ${MAX_DEPTH} levels of mappings and lists, or an alias that contains itself`
/** Characters of one text, references filled in. */
export const MAX_TEXT_LENGTH = 65_536

/** Why a parsed configuration is too large to be used. An alias can make a small file large, or a value contain itself. */
export const tooLarge = (value: unknown): string | undefined => {
  let values = 0
  const complaintOf = (node: unknown, depth: number): string | undefined => {
    values += 1
    if (values > MAX_VALUES)
      return `found more than ${MAX_VALUES} values; write fewer checks, or fewer aliases`
    if (typeof node === 'string' && node.length > MAX_TEXT_LENGTH)
      return `found a text of ${node.length} characters; expected at most ${MAX_TEXT_LENGTH}`
    if (!Array.isArray(node) && !isMapping(node)) return undefined
    if (depth === MAX_DEPTH) return TOO_DEEP
    for (const member of Object.values(node)) {
      const complaint = complaintOf(member, depth + 1)
      if (complaint !== undefined) return complaint
    }
    return undefined
  }
  return complaintOf(value, 0)
}
