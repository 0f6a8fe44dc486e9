/**
 * 100,000 files of all sorts, through every dialect and the whole of the env check's judgement: nothing may throw, take
 * long, or let a value out. `node test/fuzz/env.ts [how many] [seed]`
 */
import { createRandom, generateEnvFile } from '../env-file/support/generate-env-file.ts'
import { judge } from '../../src/checks/env/judge.ts'
import { readEnvSchema } from '../../src/checks/env/env-schema.ts'
import { createViolations } from '../../src/checks/env/find-violations.ts'
import { knownValues } from '../../src/checks/env/flaws.ts'
import type { EnvFinding } from '../../src/checks/env/reasons.ts'
import type { EnvFile } from '../../src/env-file/env-file.ts'
import { mergeFiles } from '../../src/env-file/merge-files.ts'
import { dialects } from '../../src/env-file/dialect.ts'
import { parseEnvFile } from '../../src/env-file/parse-env-file.ts'

const [count = 100_000, seed = Date.now() % 1e6] = process.argv.slice(2).map(Number)
const MAX_MS_PER_FILE = 250

/** Of the processor, as a busy machine says nothing of the work. */
const cpuMs = (): number => process.cpuUsage().user / 1000

const schemaText = JSON.stringify({
  properties: {
    A: { type: 'integer' },
    C_1: { type: 'string', format: 'uri', minLength: 9 },
    e: { enum: ['x', 'y'] },
  },
})
const schema = readEnvSchema(schemaText)
if (!schema.ok) throw new Error(schema.message)
const contract = { required: ['A'], schema, allowEmpty: [], allowPlaceholder: [] }
const findViolations = createViolations(schemaText)

/** As the check judges a file, but for the thread in which it compares it with the schema. */
const judged = (file: EnvFile): EnvFinding => {
  const sources = [{ path: '/etc/env', file }]
  const violations = findViolations(knownValues(mergeFiles(sources)))
  return judge(sources, contract, { violations })
}

/** Stands in a generated text for every stretch of a value; no message of ours holds it. */
const secret = 'hUnTeR'

/** Long, deep or broken: what a generator of lines would not come upon. */
const shapes: readonly ((length: number) => string)[] = [
  length => `A="${'\\"'.repeat(length / 2)}`,
  length => "A='\n".repeat(length / 4),
  length => "A='x\n".repeat(length / 5),
  length => 'A="\'`\n'.repeat(length / 6),
  length => `A=${'\\\n'.repeat(length / 2)}`,
  length => `A=${' '.repeat(length)}#`,
  length => `A=${'\n'.repeat(length)}"`,
  length => `${' '.repeat(length)}A`,
  length => `A${' '.repeat(length)}B=1`,
  length => `export${' '.repeat(length)}=`,
  length => 'export\n'.repeat(length / 7),
  length => 'A'.repeat(length),
  length => 'A\n'.repeat(length / 2),
  length => `A=\u2028${"'a\u2028".repeat(length / 4)}`,
  length => `A=$(${'a|'.repeat(length / 2)}`,
  length => `A=$(${'a'.repeat(length)}`,
  length => 'A=$(a '.repeat(length / 6),
  length => `A=\${B:-${'a'.repeat(length)}`,
  length => '${A:-'.repeat(length / 5),
  length => `A=1\n${'A=$A$A\n'.repeat(length / 7)}`,
  length => `export ${'A '.repeat(length / 2)}`,
  length => '\n'.repeat(length),
  length => 'A=1 '.repeat(length / 4),
  length => 'A=1\n'.repeat(length / 4),
  length => `# \\\n${'A=1\n# \\\n'.repeat(length / 8)}`,
  length => `A=${'{{'.repeat(length / 2)}`,
  length => `A='${'${'.repeat(length / 2)}'`,
  length => `A='${'<'.repeat(length)}'`,
]

const noise = (random: () => number): string => {
  const units = Array.from(
    { length: Math.floor(random() * 5000) },
    () => random() * (random() < 0.5 ? 128 : 65_536),
  )
  return String.fromCharCode(...units)
}

/** As much as is read of a file. */
const MAX_BYTES = 256 * 1024
const MAX_MS_OF_THE_LARGEST = 1000

const stress = (random: () => number): string =>
  random() < 0.5 ? noise(random) : (shapes[Math.floor(random() * shapes.length)]?.(random() * 20_000) ?? '')

for (const [i, shape] of shapes.entries())
  for (const dialect of dialects) {
    const text = shape(MAX_BYTES)
    const from = cpuMs()
    const file = parseEnvFile(text, dialect)
    judged(file)
    const tookMs = cpuMs() - from
    if (tookMs > MAX_MS_OF_THE_LARGEST / 4) console.error(`shape ${i}, ${dialect}: ${Math.round(tookMs)} ms`)
    if (tookMs > MAX_MS_OF_THE_LARGEST) throw new Error(`shape ${i}, ${dialect}: ${Math.round(tookMs)} ms`)
  }

const started = performance.now()
const counts = { files: 0, known: 0, unknown: 0, problems: 0, findings: {} as Record<string, number> }
let slowest = 0
for (let i = 0; i < count; i++) {
  const random = createRandom(seed * 1e6 + i)
  const text = random() < 0.03 ? stress(random) : generateEnvFile(random).replace(/x|two|q/g, secret)
  for (const dialect of dialects) {
    const from = cpuMs()
    const fail = (what: string): never => {
      throw new Error(`seed ${seed}, file ${i}, ${dialect}: ${what}\n${JSON.stringify(text).slice(0, 2000)}`)
    }
    const file = (() => {
      try {
        return parseEnvFile(text, dialect)
      } catch (error) {
        return fail(`throws ${String(error)}`)
      }
    })()
    const finding = judged(file)
    const tookMs = cpuMs() - from
    slowest = Math.max(slowest, tookMs)
    if (tookMs > MAX_MS_PER_FILE) fail(`takes ${Math.round(tookMs)} ms`)
    if (JSON.stringify([finding, file.problems.map(({ message }) => message)]).includes(secret))
      fail('lets a value out')
    for (const { message } of file.problems) if (message.length > 200) fail('says too much')
    counts.files++
    counts.problems += file.problems.length
    for (const { kind } of file.variables.values()) counts[kind]++
    const gist = finding.status === 'pass' ? 'pass' : `${finding.status} ${finding.reason}`
    counts.findings[gist] = (counts.findings[gist] ?? 0) + 1
  }
}
const tookMs = Math.round(performance.now() - started)
console.log(JSON.stringify({ seed, ...counts, slowestMs: Math.round(slowest), tookMs }, undefined, 2))
