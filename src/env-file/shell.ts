import { collect } from './env-file.ts'
import type { EnvFile } from './env-file.ts'

/** What sh or bash makes of a file that it sources. Nothing is executed: so far every value is unknown. */
export const parseShell = (text: string): EnvFile => {
  const found = collect()
  for (const [i, line] of text.split('\n').entries()) {
    const name = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=/.exec(line)?.[1]
    if (name !== undefined)
      found.assign(name, { kind: 'unknown', line: i + 1, why: 'only a shell can tell its value' })
  }
  return { variables: found.variables, problems: found.problems }
}
