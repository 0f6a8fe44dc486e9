import t from 'tap'
import { parseEnvFile } from '../../../src/env-file/parse-env-file.ts'
import { compare } from '../../env-file/support/compare.ts'
import {
  createRandom,
  generatedNames,
  generateEnvFile,
  generateLiteralFile,
} from '../../env-file/support/generate-env-file.ts'
import { sourceAll } from '../../env-file/support/run-shell.ts'

const kinds = [
  { what: 'files that hold only literals', generate: generateLiteralFile, certain: 0.95 },
  { what: 'files of all sorts', generate: generateEnvFile, certain: 0.6 },
]

for (const { what, generate, certain } of kinds)
  for (const shell of [['/bin/dash'], ['/bin/bash', '--norc', '--noprofile']] as const)
    t.test(`shell › agrees with ${shell[0]} over 2,000 ${what}`, async t => {
      const texts = Array.from({ length: 2000 }, (_, seed) => generate(createRandom(1e6 + seed)))
      const sourced = sourceAll([...shell], texts, generatedNames)
      t.equal(sourced.length, texts.length)
      let claims = 0
      const differences = texts.flatMap((text, i) => {
        const held = sourced[i] ?? { values: new Map() }
        const comparison = compare(text, parseEnvFile(text, 'shell'), { names: generatedNames, held })
        claims += comparison.claims
        return comparison.differences
      })
      t.strictSame(differences, [])
      const share = claims / (texts.length * generatedNames.length)
      t.comment(`${claims} claims: ${Math.round(share * 100)} % of all names`)
      t.ok(share > certain, 'and is rarely unsure')
    })
