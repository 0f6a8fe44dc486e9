import { collect, refused } from './env-file.ts'
import type { EnvFile } from './env-file.ts'

/** The longest line that docker's scanner accepts (Go's bufio.MaxScanTokenSize). */
const MAX_LINE_BYTES = 64 * 1024

/** Go's unicode.IsSpace. */
const leadingSpace = /^[\t\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/

/** What docker keeps in a value that other readers would take out, and what to do. */
const keptLiterally = (value: string): string | undefined => {
  if (/^(['"]).*\1\s*(?:#.*)?$/.test(value)) return 'the quotes as part of the value; remove them'
  if (/\s#/.test(value))
    return 'the # and what follows as part of the value; move the comment to its own line'
  return undefined
}

/** Parses a file as `docker run --env-file` does (docker/cli, pkg/kvfile/kvfile.go). Quotes are part of a value. */
export const parseDocker = (text: string): EnvFile => {
  const found = collect()
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  for (const [i, raw] of lines.entries()) {
    const line = i + 1
    if (Buffer.byteLength(raw) >= MAX_LINE_BYTES)
      return refused(line, 'the line is longer than 64 KiB; docker refuses the file')
    if (/\p{Surrogate}/u.test(raw))
      return refused(line, 'the line is not valid UTF-8; docker refuses the file')
    const bare = line === 1 ? raw.replace(/^\ufeff/, '') : raw
    const assignment = bare.replace(/\r$/, '').replace(leadingSpace, '')
    if (assignment === '' || assignment.startsWith('#')) continue

    const at = assignment.indexOf('=')
    const name = at < 0 ? assignment : assignment.slice(0, at)
    if (name === '') return refused(line, 'the line has no name before the =; docker refuses the file')
    if (/[ \t]/.test(name)) return refused(line, 'the name contains a blank; docker refuses the file')
    if (at < 0) {
      const why = 'the line has no value, so docker copies it from its own environment'
      found.assign(name, { kind: 'unknown', line, why })
      continue
    }
    const value = assignment.slice(at + 1)
    found.assign(name, { kind: 'known', value, line, exported: true })
    const kept = keptLiterally(value)
    if (kept !== undefined) {
      const message = `docker keeps ${kept}`
      found.problems.push({ line, code: 'value-taken-literally', message, lost: 'nothing', variable: name })
    }
  }
  return { variables: found.variables, problems: found.problems }
}
