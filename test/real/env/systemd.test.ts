import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseEnvFile } from '../../../src/env-file/parse-env-file.ts'
import { compare } from '../../env-file/support/compare.ts'
import { createRandom, generatedNames, generateEnvFile } from '../../env-file/support/generate-env-file.ts'
import { table } from '../../env-file/support/table.ts'
import { debianRoot } from './debian-root.ts'
import { readBySystemd } from './read-by-systemd.ts'

t.test('systemd › agrees with a booted systemd, over a table and 2,000 files', async t => {
  const generated = Array.from({ length: 2000 }, (_, seed) => generateEnvFile(createRandom(seed)))
  const texts = [...table, ...generated]
  const root = await debianRoot(t)
  const { version, environments } = readBySystemd(
    root,
    texts.map(text => Buffer.from(text)),
  )
  let claims = 0
  const differences = texts.flatMap((text, i) => {
    const ours = parseEnvFile(text, 'systemd')
    const theirs = environments[i]
    const refused = ours.problems.some(({ lost }) => lost === 'file')
    if (refused !== (theirs === undefined))
      return [`${JSON.stringify(text)} is refused by ${refused ? 'us' : 'systemd'} alone`]
    const { differences, claims: more } = compare(text, ours, {
      names: [...generatedNames, 'constructor', '__proto__'],
      held: { values: theirs ?? new Map() },
    })
    claims += more
    return differences
  })
  const recorded: readonly (Readonly<Record<string, string>> | null)[] = JSON.parse(
    readFileSync(new URL('../../env-file/support/table-by-systemd.json', import.meta.url), 'utf8'),
  )
  const otherThanRecorded = table.filter((_, i) => {
    const [held, now] = [recorded[i], environments[i]]
    return held ? !Object.entries(held).every(([name, value]) => now?.get(name) === value) : now !== undefined
  })
  t.strictSame(otherThanRecorded, [])
  t.comment(`${version}: ${texts.length} files, ${claims} claims`)
  t.strictSame(differences, [])
  t.ok(claims > texts.length * 7, 'and claims enough')
})
