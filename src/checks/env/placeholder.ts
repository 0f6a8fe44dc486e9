/** A whole value that somebody still has to replace. */
const standIn = /^(?:null|undefined|change[-_ ]?me|to-?do|x{3,})$/i

const contains = (value: string, opening: string, closing: string): boolean => {
  const at = value.indexOf(opening)
  return at >= 0 && value.includes(closing, at + opening.length)
}

/** Whether a value contains text that an unrendered template leaves. */
const isUnrendered = (value: string): boolean =>
  /<no value>|<nil>/i.test(value) || contains(value, '${', '}') || contains(value, '{{', '}}')

/** Whether a value is a placeholder: its template was not rendered, or nobody replaced it. */
export const isPlaceholder = (value: string): boolean => isUnrendered(value) || standIn.test(value.trim())
