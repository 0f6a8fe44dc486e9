const MAX_LENGTH = 80

/** Whether a text contains a URL with a login, even a malformed one. */
export const holdsCredentials = (text: string): boolean => {
  const login = text.indexOf('://')
  return login >= 0 && text.lastIndexOf('@') > login
}

/** Whether a text looks like `NAME=value` from an env file. */
const isAssignment = (text: string): boolean => /^\s*(export\s+)?[A-Za-z_]\w*=/.test(text)

/** A value as an error may quote it, without secrets. `hidden`: the value may be a secret. */
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
