import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a shell holds after it has sourced a file. */
export interface Sourced {
  readonly values: ReadonlyMap<string, string>
  readonly exported: ReadonlySet<string>
}

/**
 * Sources each text in a shell of its own, with an empty environment, no programs to find and a folder to itself, and
 * asks for the names.
 */
export const sourceAll = (
  shell: readonly [string, ...string[]],
  texts: readonly string[],
  names: readonly string[],
): readonly Sourced[] => {
  const dir = mkdtempSync(join(tmpdir(), 'sourced-'))
  try {
    for (const [i, text] of texts.entries()) {
      mkdirSync(join(dir, String(i)))
      writeFileSync(join(dir, String(i), 'env'), text)
    }
    const asked = names.map(name => `"\${${name}+set}" "\${${name}-}"`).join(' ')
    const script = `
      report() { printf 'FILE\\0'; printf '%s\\0' ${asked}; /usr/bin/env -0; printf 'END\\0'; }
      i=0
      while [ "$i" -lt ${texts.length} ]; do
        (cd "$i"; trap report EXIT; . ./env) 2>/dev/null </dev/null
        i=$((i + 1))
      done`
    const [command, ...options] = shell
    const output = execFileSync(command, [...options, '-c', script], {
      cwd: dir,
      env: { PATH: '/nonexistent', LC_ALL: 'C.UTF-8' },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      timeout: 120_000,
    })
    return parseReports(output, names)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const parseReports = (output: string, names: readonly string[]): readonly Sourced[] =>
  output
    .split('FILE\0')
    .slice(1)
    .map(report => {
      const fields = report.split('\0')
      const values = new Map<string, string>()
      for (const [i, name] of names.entries())
        if (fields[2 * i] === 'set') values.set(name, fields[2 * i + 1] ?? '')
      const environment = fields.slice(2 * names.length).map(field => field.split('=', 1)[0] ?? '')
      return { values, exported: new Set(environment) }
    })
