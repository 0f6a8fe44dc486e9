import t from 'tap'
import { parseEnvFile } from '../../src/env-file/parse-env-file.ts'
import { compare } from './support/compare.ts'
import { createRandom, generatedNames, generateEnvFile } from './support/generate-env-file.ts'
import { table } from './support/table.ts'

const LF = 0x0a
const CR = 0x0d
const EQUALS = 0x3d
const HASH = 0x23
const BOM = Buffer.from('\ufeff')

/** U+0009 to U+000D, U+0020, U+0085, U+00A0 and the separators, as UTF-8. */
const spaces = [
  0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
]
  .concat(Array.from({ length: 11 }, (_, i) => 0x2000 + i))
  .map(code => Buffer.from(String.fromCodePoint(code)))

const trimStart = (line: Buffer): Buffer => {
  const space = spaces.find(bytes => line.subarray(0, bytes.length).equals(bytes))
  return space ? trimStart(line.subarray(space.length)) : line
}

/**
 * The rules that docker documents for `--env-file` (docker/cli, pkg/kvfile), over bytes: valid UTF-8, a BOM removed,
 * leading white space removed, lines that begin with `#` and empty ones ignored, `KEY[=VALUE]` with no blank in KEY, and
 * no quoting at all. A KEY alone is left out, as where docker's own environment does not have it. Undefined: refused.
 */
const readAsDocumented = (file: Buffer): ReadonlyMap<string, string> | undefined => {
  const values = new Map<string, string>()
  let isFirst = true
  for (let from = 0; from < file.length;) {
    const end = file.indexOf(LF, from) < 0 ? file.length : file.indexOf(LF, from)
    let line = file.subarray(from, end)
    from = end + 1
    if (line.at(-1) === CR) line = line.subarray(0, -1)
    if (isFirst && line.subarray(0, 3).equals(BOM)) line = line.subarray(3)
    isFirst = false
    line = trimStart(line)
    if (line.length === 0 || line[0] === HASH) continue
    const equals = line.indexOf(EQUALS)
    const key = line.subarray(0, equals < 0 ? line.length : equals)
    if (key.length === 0 || key.includes(' ') || key.includes('\t')) return undefined
    if (equals >= 0) values.set(key.toString(), line.subarray(equals + 1).toString())
    else values.delete(key.toString())
  }
  return values
}

t.test('docker › follows its documented rules, over a table and 2,000 files', async t => {
  const generated = Array.from({ length: 2000 }, (_, seed) => {
    const text = generateEnvFile(createRandom(seed))
    // A blank in a name makes docker refuse a file: half of them are spared that.
    return seed % 2 ? text.replace(/export\s|set -a\n|\s+(?==)/g, '') : text
  })
  const texts = [...table, ...generated]
  let claims = 0
  const differences = texts.flatMap(text => {
    const ours = parseEnvFile(text, 'docker')
    const values = readAsDocumented(Buffer.from(text))
    const refused = ours.problems.some(({ lost }) => lost === 'file')
    if (refused !== (values === undefined)) return [`${JSON.stringify(text)}: refused by one alone`]
    const names = [
      ...new Set([
        ...generatedNames,
        ...ours.variables.keys(),
        ...(values ?? new Map<string, string>()).keys(),
      ]),
    ]
    const comparison = compare(text, ours, { names, held: { values: values ?? new Map() } })
    claims += comparison.claims
    return comparison.differences
  })
  t.strictSame(differences, [])
  t.ok(claims > texts.length * 6, 'and claims enough')
})
