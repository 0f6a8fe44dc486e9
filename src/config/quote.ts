const MAX_LENGTH = 80

/** Whether a text is, or holds, a URL with a login in it, however badly that is written. */
export const holdsCredentials = (text: string): boolean => /:\/\/.*@/s.test(text)

/** `NAME=value`, as in an environment file, pasted where it does not belong. */
const isAssignment = (text: string): boolean => /^\s*(export\s+)?[A-Za-z_]\w*=/.test(text)

/** A value as an error may quote it: nothing that is, or may hold, a secret. `hidden`: it is one, or may be. */
export const quote = (value: unknown, hidden: boolean): string => {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (hidden) return `a ${typeof value} (not shown)`
  if (typeof value === 'string') {
    if (holdsCredentials(value)) return 'a URL with credentials (not shown)'
    if (isAssignment(value)) return 'NAME=value (not shown)'
  }
  const text = JSON.stringify(value)
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text
}
