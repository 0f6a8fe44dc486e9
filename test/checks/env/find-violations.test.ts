import t from 'tap'
import { createViolations } from '../../../src/checks/env/find-violations.ts'

const violationsOf = (schema: object, values: Readonly<Record<string, string>>) =>
  createViolations(JSON.stringify(schema))(new Map(Object.entries(values)))

t.test("env › a boolean is whatever word the app's libraries take for one", async t => {
  const violations = createViolations(JSON.stringify({ properties: { DEBUG: { type: 'boolean' } } }))
  const read = (word: string) => violations(new Map([['DEBUG', word]]))
  const words = 'true True TRUE 1 on yes Y ok false False 0 off no f'
  for (const word of words.split(' ')) t.strictSame(read(word), [], word)
  for (const word of ['2', 'maybe', 'truth', 'constructor'])
    t.match(read(word), [{ kind: 'invalid', name: 'DEBUG', rule: 'must be boolean' }], word)
})

t.test('env › a rule that quotes a long pattern is told in part', async t => {
  const pattern = `^${'a'.repeat(10_000)}$`
  const [violation] = violationsOf({ properties: { A: { type: 'string', pattern } } }, { A: 'x' })
  t.equal(violation?.rule.length, 301)
  t.match(violation?.rule, /^must match pattern "\^aaa/)
})

t.test('env schema › a variable of this program is none of the app', async t => {
  process.env['ENV_SCHEMA_TEST'] = '1'
  t.teardown(() => delete process.env['ENV_SCHEMA_TEST'])
  t.strictSame(violationsOf({ required: ['ENV_SCHEMA_TEST'] }, {}), [
    {
      kind: 'missing',
      name: 'ENV_SCHEMA_TEST',
      rule: "must have required property 'ENV_SCHEMA_TEST'",
      certain: true,
    },
  ])
})

t.test('env schema › only rules of one variable are certain while others are not known', async t => {
  const certain = (schema: object, values: Readonly<Record<string, string>>) =>
    violationsOf(schema, values).map(({ kind, name, certain: is }) => [kind, name, is])
  t.strictSame(certain({ properties: { A: { type: 'integer' } } }, { A: 'x' }), [['invalid', 'A', true]])
  t.strictSame(certain({ required: ['A'] }, {}), [['missing', 'A', true]])
  t.strictSame(certain({ required: ['A'], minProperties: 2 }, { A: '1' }), [['invalid', undefined, false]])
  t.strictSame(certain({ properties: { A: {} }, dependencies: { A: ['B'] } }, { A: '1' }), [
    ['missing', 'B', false],
  ])
  t.strictSame(certain({ properties: { A: {} }, patternProperties: { X: { minLength: 2 } } }, { X: '1' }), [
    ['invalid', 'X', false],
  ])
})

t.test('env schema › only a boolean is read as one', async t => {
  const schema = { properties: { WORD: { enum: ['yes', 'no'] }, ANY: true, FLAG: { type: 'boolean' } } }
  t.strictSame(violationsOf(schema, { WORD: 'yes', ANY: 'yes', FLAG: ' Yes ' }), [])
  t.match(violationsOf(schema, { WORD: 'true' }), [{ name: 'WORD' }])
  t.match(
    violationsOf({ properties: { A: { type: ['string', 'integer'], pattern: '^no$' } } }, { A: 'no' }),
    [],
  )
})

t.test('env schema › a name with a slash or a tilde is told as it is', async t => {
  const properties = { 'A/B~C': { type: 'integer' } }
  t.match(violationsOf({ properties }, { 'A/B~C': 'x' }), [{ name: 'A/B~C' }])
})

t.test('env schema › a format is checked', async t => {
  const schema = { properties: { URL: { type: 'string', format: 'uri' } } }
  t.match(violationsOf(schema, { URL: 'no' }), [{ name: 'URL', rule: 'must match format "uri"' }])
  t.strictSame(violationsOf(schema, { URL: 'https://shop.example/' }), [])
})

t.test('env schema › what the compiler says about a schema is told in part', async t => {
  const schema = { properties: { A: { $ref: `#/definitions/${'a'.repeat(1000)}` } } }
  const error = t.throws(() => violationsOf(schema, { A: 'x' }))
  t.equal(error instanceof Error && error.message.length, 301)
  t.match(error, { message: /^can't resolve reference #\/definitions\/aaa.*a…$/, cause: Error })
})

t.test('env schema › a variable that has a default is not missing', async t => {
  const violations = (property: object) => violationsOf({ required: ['A'], properties: { A: property } }, {})
  t.strictSame(violations({ type: 'string', default: 'x' }), [])
  t.match(violations({ type: 'string' }), [{ kind: 'missing', name: 'A' }])
})

t.test('env schema › is a JSON object', async t => {
  for (const text of ['[]', '"A"', 'null']) t.throws(() => createViolations(text), /not a JSON object/, text)
})
