/** What stands for a value that is still to be given. */
const standIn = /^(?:null|undefined|change[-_ ]?me|to-?do|x{3,})$/i

const contains = (value: string, opening: string, closing: string): boolean => {
  const at = value.indexOf(opening)
  return at >= 0 && value.includes(closing, at + opening.length)
}

/** What a template leaves behind, anywhere in a value. */
const isUnrendered = (value: string): boolean =>
  /<no value>|<nil>/i.test(value) || contains(value, '${', '}') || contains(value, '{{', '}}')

/** Whether a value only holds the place of one: its template was not filled in, or nobody has. */
export const isPlaceholder = (value: string): boolean => isUnrendered(value) || standIn.test(value.trim())
