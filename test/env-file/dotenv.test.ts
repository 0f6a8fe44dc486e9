import dotenv from 'dotenv'
import t from 'tap'
import { parseEnvFile } from '../../src/env-file/parse-env-file.ts'
import { compare } from './support/compare.ts'
import { createRandom, generateEnvFile } from './support/generate-env-file.ts'
import { table } from './support/table.ts'

t.test('dotenv › agrees with the package on every name, over a table and 2,000 files', async t => {
  const texts = [...table, ...Array.from({ length: 2000 }, (_, seed) => generateEnvFile(createRandom(seed)))]
  let claims = 0
  const differences = texts.flatMap(text => {
    const ours = parseEnvFile(text, 'dotenv')
    const values = new Map(Object.entries(dotenv.parse(text)))
    const names = [...new Set([...ours.variables.keys(), ...values.keys()])]
    const comparison = compare(text, ours, { names, held: { values } })
    claims += comparison.claims
    return comparison.differences
  })
  t.strictSame(differences, [])
  t.ok(claims > 4000, 'and claims enough')
})
