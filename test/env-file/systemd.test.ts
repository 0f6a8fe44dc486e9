import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseEnvFile } from '../../src/env-file/parse-env-file.ts'
import { table } from './support/table.ts'

/** What a booted systemd 252 made of the table; test/real/env holds it against a live one. Null: it refused the file. */
const recorded: readonly (Readonly<Record<string, string>> | null)[] = JSON.parse(
  readFileSync(new URL('support/table-by-systemd.json', import.meta.url), 'utf8'),
)

t.test('systemd › takes each text of the table as a booted systemd does', async t => {
  t.equal(recorded.length, table.length)
  const differences = table.filter((text, i) => {
    const theirs = recorded[i] ?? undefined
    const { variables, problems } = parseEnvFile(text, 'systemd')
    const refused = problems.some(({ lost }) => lost === 'file')
    const names = new Set([...variables.keys(), ...Object.keys(theirs ?? {})])
    const same = [...names].every(name => {
      const variable = variables.get(name)
      const value = theirs && Object.hasOwn(theirs, name) ? theirs[name] : undefined
      return variable?.kind === 'unknown' || variable?.value === value
    })
    return refused !== (theirs === undefined) || !same
  })
  t.strictSame(differences, [])
})
