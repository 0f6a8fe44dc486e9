import { spawnSync } from 'node:child_process'
import t from 'tap'
import { parseEnvFile } from '../../../src/env-file/parse-env-file.ts'
import { compare } from '../../env-file/support/compare.ts'
import { createRandom, generatedNames, generateEnvFile } from '../../env-file/support/generate-env-file.ts'
import { table } from '../../env-file/support/table.ts'

const PYTHON = '/usr/bin/python3'
const FILES = 5000
const SCRIPT = `
import io, json, logging, sys
logging.disable(logging.CRITICAL)
from dotenv import dotenv_values
print(json.dumps([dotenv_values(stream=io.StringIO(text)) for text in json.load(sys.stdin)]))
`

const hasDotenv = spawnSync(PYTHON, ['-c', 'import dotenv']).status === 0

t.test(
  `compose › claims nothing that python-dotenv denies, over a table and ${FILES} files`,
  { skip: !hasDotenv && 'needs python3-dotenv' },
  async t => {
    const generated = Array.from({ length: FILES }, (_, seed) => generateEnvFile(createRandom(seed)))
    const texts = [...table, ...generated].filter(text => !text.includes('\0'))
    const { stdout } = spawnSync(PYTHON, ['-c', SCRIPT], {
      input: JSON.stringify(texts),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: {},
    })
    const held: readonly Readonly<Record<string, string | null>>[] = JSON.parse(stdout)
    t.equal(held.length, texts.length)
    const comparisons = texts.map((text, i) => {
      const set = Object.entries(held[i] ?? {}).flatMap(([name, value]) =>
        value === null ? [] : [[name, value] as const],
      )
      const theirs = { names: generatedNames, held: { values: new Map(set) } }
      return compare(text, parseEnvFile(text, 'compose'), theirs)
    })
    t.strictSame(
      comparisons.flatMap(({ differences }) => differences),
      [],
    )
    t.ok(comparisons.reduce((sum, { claims }) => sum + claims, 0) > texts.length * 2, 'and claims enough')
  },
)
