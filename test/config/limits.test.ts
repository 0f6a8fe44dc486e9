import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load.ts'
import { longestTurnOf } from '../support/longest-turn.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

const scratch = await createScratchDirectory('health-sidecar-limits-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const file = join(scratch.path, 'config.yaml')

const page = (name: string, more: object = {}) => ({
  name,
  type: 'smoke',
  target: 'http+unix:/run/app.sock',
  ...more,
})
const numbered = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join('')
const ok = stringify({ checks: [page('page')] })
const MEGABYTE = 1024 * 1024

/** The first mistake of a configuration, and the longest time for which it held up everything else. */
const load = async (text: string, env = {}) => {
  await writeFile(file, text)
  let message = 'taken'
  const stallMs = await longestTurnOf(async () => {
    try {
      await loadConfig(file, env)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      message = error.message.split('\n')[0]?.replace(file, '') ?? ''
    }
  })
  return { message, stallMs }
}

// the code is compiled as it runs for the first time
for (let i = 0; i < 10; i += 1) await load(ok + numbered(1000, n => `# ${n}\n`))

const dense = numbered(300, i => `k${i}: {a: [1, 2], b: "c"}\n`)
for (let i = 0; i < 3; i += 1) await load(dense)

const attacks: Readonly<Record<string, readonly [text: string, message: RegExp]>> = {
  'a mapping 3,000 deep': [`a: ${'{x: '.repeat(3000)}1${'}'.repeat(3000)}\n`, /levels|resource exhaustion/],
  'a list 900 deep': [`a: ${'['.repeat(900)}${']'.repeat(900)}\n`, /levels of mappings and lists/],
  'an alias that contains itself': ['x: &x [*x]\n', /levels of mappings and lists, or an alias/],
  'aliases of aliases': [
    `a0: &a0 [x]\n${numbered(20, i => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]\n`)}`,
    /resolve an alias|more than 20000 values/,
  ],
  'a long list, repeated': [
    `a: &a [${'1,'.repeat(5000)}]\nb: [${'*a,'.repeat(90)}]\n`,
    /more than 20000 values|resolve an alias/,
  ],
  'three million items': [`a: [${'1,'.repeat(500_000)}]\n`, /too many keys and values/],
  '100,000 keys': [numbered(80_000, i => `k${i}: 1\n`), /too many keys and values/],
  'as many keys as are read': [numbered(5000, i => `k${i}: 1\n`), /the key checks is missing/],
  'as many items as are read': [`a: [${'1,'.repeat(12_000)}]\n`, /the key checks is missing/],
  'as many errors as are read': ['\t:\n'.repeat(10_000), /invalid YAML: tab as indent/],
  '50,000 nested references': [`release: "${'${A:-'.repeat(10_000)}"\n${ok}`, /malformed reference/],
  'a long text of them': [`release: "${'${A:-'.repeat(200_000)}"\n${ok}`, /malformed reference|characters/],
  'references to a long variable': [`release: "${'${LONG}'.repeat(100_000)}"\n${ok}`, /65536 characters/],
  'a long text': [`release: ${'x'.repeat(MEGABYTE - 1000)}\n${ok}`, /expected at most 65536/],
  'a text of schemes': [`deadline: "${'://'.repeat(20_000)}"\n${ok}`, /deadline: found/],
  'more than 1 MiB': [`# ${'x'.repeat(MEGABYTE)}\n${ok}`, /is larger than health-sidecar reads/],
  '2,000 checks': [
    `checks:\n${numbered(2000, i => `- {name: c${i}, type: x}\n`)}`,
    /checks: found a list; expected at most 500 in the list/,
  ],
  'wrong keys in each check': [
    `checks:\n${numbered(200, i => `- {name: c${i}, type: smoke, target: x, ${numbered(20, n => `k${n}: 1, `)}}\n`)}`,
    /checks\[0\]\.target: found a string \(not shown\)/,
  ],
  'dependencies in every way': [
    stringify({
      checks: Array.from({ length: 200 }, (_, i) =>
        page(`c${i}`, {
          depends_on: Array.from({ length: 20 }, (_, n) => `c${i + n + 1}`).filter((_, n) => i + n + 1 < 200),
        }),
      ),
    }),
    /^taken$/,
  ],
  'cycles in every way': [
    stringify({
      checks: Array.from({ length: 200 }, (_, i) =>
        page(`c${i}`, { depends_on: Array.from({ length: 20 }, (_, n) => `c${(i + n + 100) % 200}`) }),
      ),
    }),
    /the check depends on itself/,
  ],
}

for (const [name, [text, message]] of Object.entries(attacks))
  t.test(`limits › ${name}: a configuration error at once`, async t => {
    const env = { LONG: 'x'.repeat(100_000) }
    let loaded = await load(text, env)
    // a compiler that is still warming up, or a collection of garbage, is none of the text's cost
    for (let tries = 1; tries < 4 && loaded.stallMs > 100; tries += 1) loaded = await load(text, env)
    t.match(loaded.message, message)
    t.ok(loaded.stallMs <= 100, `it held up everything else for ${loaded.stallMs} ms of CPU`)
  })

t.test('limits › 500 checks are allowed', async t => {
  const checks = Array.from({ length: 500 }, (_, i) =>
    page(`c${i}`, { depends_on: i > 0 ? [`c${i - 1}`] : [] }),
  )
  t.equal((await load(stringify({ checks }))).message, 'taken')
})
