import t from 'tap'
import { createSchemaComparison } from '../../../src/checks/env/compare-schema.ts'
import { readEnvSchema } from '../../../src/checks/env/env-schema.ts'
import { longestTurnOf } from '../../support/longest-turn.ts'

/** Everything else waits for no longer than this, in milliseconds. */
const MAX_STALL_MS = 100

const schemaOf = (content: object) => {
  const schema = readEnvSchema(JSON.stringify(content))
  if (!schema.ok) throw new Error(schema.message)
  return schema
}

const compared = async (
  content: object,
  values: Readonly<Record<string, string>>,
  options?: { readonly limitMs: number },
) => {
  using comparing = createSchemaComparison(options)
  const schema = schemaOf(content)
  const { signal } = new AbortController()
  const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<typeof comparing.compare>>>()
  const longestMs = await longestTurnOf(async () =>
    resolve(await comparing.compare(schema, new Map(Object.entries(values)), signal)),
  )
  return { longestMs, comparison: await promise }
}

const names = (count: number, property: object) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`V${i}`, property]))

const backtracking = '^(a+)+$'
const value = `${'a'.repeat(60)}!`

/** Each level names the one below twice. */
const doubling = {
  ...Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => {
      const $ref = `#/definitions/d${i}`
      return [`d${i + 1}`, { allOf: [{ $ref }, { $ref }] }]
    }),
  ),
  d0: { type: 'string' },
}

const costly: Readonly<Record<string, object>> = {
  'a pattern that backtracks': { properties: { A: { pattern: backtracking } } },
  'one in patternProperties': { properties: { A: {} }, patternProperties: { [`^([a-zA]+)+!$`]: {} } },
  'one in propertyNames': { properties: { A: {} }, propertyNames: { pattern: '^([a-zA]+)+!$' } },
  'references that double at each level': {
    properties: { A: { $ref: '#/definitions/d40' } },
    definitions: doubling,
  },
}

for (const [what, content] of Object.entries(costly))
  t.test(`env schema › ${what} is stopped and holds nothing up`, async t => {
    const { comparison, longestMs } = await compared(
      content,
      { A: value, ['A'.repeat(60)]: '' },
      { limitMs: 200 },
    )
    t.match(comparison, { kind: 'costly', message: /more than 0.2 s of CPU time/ })
    t.notMatch(JSON.stringify(comparison), value)
    t.ok(longestMs < MAX_STALL_MS, `${longestMs} ms`)
  })

t.test('env schema › one that refers to itself without end cannot be used', async t => {
  const { comparison } = await compared({ properties: { A: { $ref: '#/properties/A' } } }, { A: value })
  t.match(comparison, { kind: 'unusable' })
})

t.test('env schema › a reference to an address is not followed', async t => {
  const { comparison } = await compared(
    { properties: { A: { $ref: 'http://127.0.0.1:9/schema.json' } } },
    { A: value },
  )
  t.match(comparison, { kind: 'unusable', message: /can't resolve reference/ })
})

t.test('env schema › a large one holds nothing up while it is compiled', async t => {
  const content = {
    required: ['V0', 'GONE'],
    properties: names(100, { type: 'string', format: 'uri', minLength: 3 }),
  }
  const { comparison, longestMs } = await compared(content, { V0: 'x' })
  t.match(comparison, { kind: 'compared', violations: [{ name: 'GONE' }, { name: 'V0' }, { name: 'V0' }] })
  t.ok(longestMs < MAX_STALL_MS, `${longestMs} ms`)
})

t.test('env schema › it is compared again only after it or a variable has changed', async t => {
  using comparing = createSchemaComparison()
  const schema = schemaOf({ properties: { A: { type: 'integer' } } })
  const { signal } = new AbortController()
  const first = await comparing.compare(schema, new Map([['A', '1']]), signal)
  t.match(first, { kind: 'compared', violations: [] })
  t.equal(await comparing.compare(schema, new Map([['A', '1']]), signal), first)
  t.match(await comparing.compare(schema, new Map([['A', 'x']]), signal), {
    violations: [{ name: 'A', rule: 'must be integer' }],
  })
})

t.test('env schema › a comparison that is late goes on, and the next run finds its result', async t => {
  using comparing = createSchemaComparison()
  const schema = schemaOf({ properties: { A: { type: 'integer' } } })
  const values = new Map([['A', '1']])
  t.match(await comparing.compare(schema, values, AbortSignal.abort()), {
    kind: 'costly',
    message: /timeout/,
  })
  t.match(await comparing.compare(schema, values, new AbortController().signal), { kind: 'compared' })
})

t.test('env schema › a comparison ends with its check', async t => {
  const comparing = createSchemaComparison({ limitMs: 1e6 })
  const schema = schemaOf({ properties: { A: { pattern: backtracking } } })
  const comparison = comparing.compare(schema, new Map([['A', value]]), new AbortController().signal)
  comparing[Symbol.dispose]()
  t.match(await comparison, { kind: 'costly' })
})
