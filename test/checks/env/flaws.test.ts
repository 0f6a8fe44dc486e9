import t from 'tap'
import { readEnvSchema } from '../../../src/checks/env/env-schema.ts'
import { createViolations } from '../../../src/checks/env/find-violations.ts'
import { findFlaws, knownValues } from '../../../src/checks/env/flaws.ts'
import type { Flaws } from '../../../src/checks/env/flaws.ts'
import type { EnvVariable } from '../../../src/env-file/env-file.ts'

const schemaOf = (schema: object) => {
  const parsed = readEnvSchema(JSON.stringify(schema))
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed
}

const known = (value: string): EnvVariable => ({ kind: 'known', value, line: 1, exported: true })
const unknown: EnvVariable = { kind: 'unknown', line: 1, why: 'it is the output of a command' }

/** The flaws of variables; a value of undefined is not known. */
const flawsOf = (
  values: Readonly<Record<string, string | undefined>>,
  {
    schema,
    complete = true,
    ...contract
  }: {
    required?: string[]
    allowEmpty?: string[]
    allowPlaceholder?: string[]
    schema?: object
    complete?: boolean
  },
): Partial<Omit<Flaws, 'invalid'>> & { invalid: object } => {
  const variables = new Map(
    Object.entries(values).map(([name, value]) => [name, value === undefined ? unknown : known(value)]),
  )
  const parsed = schema && schemaOf(schema)
  const { invalid, ...flaws } = findFlaws(
    {
      required: [],
      allowEmpty: [],
      allowPlaceholder: [],
      ...contract,
      ...(parsed && { schema: parsed }),
    },
    {
      variables,
      violations: parsed ? createViolations(parsed.text)(knownValues(variables)) : [],
      problems: [],
      complete,
    },
  )
  const found = Object.entries(flaws).filter(([, names]) => names.length > 0)
  return { ...Object.fromEntries(found), invalid: Object.fromEntries(invalid) }
}

t.test('flaws › a rule about all variables together has no name', async t => {
  const schema = { required: ['A'], minProperties: 3 }
  t.strictSame(flawsOf({ A: '1', B: '2' }, { schema }), {
    invalid: { '': 'must NOT have fewer than 3 properties' },
  })
  t.strictSame(flawsOf({ A: '1', B: '2', C: '3' }, { schema }), { invalid: {} })
})

t.test('flaws › a rule about all variables together proves nothing while one is not known', async t => {
  const schema = { required: ['A'], properties: { B: {} }, minProperties: 3 }
  t.strictSame(flawsOf({ A: '1', B: undefined }, { schema }), { unknown: ['B'], invalid: {} })
  t.strictSame(flawsOf({ B: '1' }, { schema, complete: false }), { unknown: ['A'], invalid: {} })
})

t.test('flaws › one variable that another one asks for is missing, unless that may be set yet', async t => {
  const schema = { properties: { A: {}, B: {}, C: {} }, dependencies: { A: ['B'] } }
  t.strictSame(flawsOf({ A: '1' }, { schema }), { missing: ['B'], invalid: {} })
  t.strictSame(flawsOf({ A: '1', C: undefined }, { schema }), { unknown: ['C'], invalid: {} })
})

t.test('flaws › what is certain counts, though another variable is not known', async t => {
  const schema = { required: ['A', 'GONE'], properties: { A: { type: 'integer' }, B: { type: 'integer' } } }
  t.strictSame(flawsOf({ A: 'x', B: undefined }, { schema }), {
    missing: ['GONE'],
    unknown: ['B'],
    invalid: { A: 'must be integer' },
  })
})

t.test('flaws › what only the schema requires may be set by a command: it is unknown', async t => {
  const schema = { required: ['A'] }
  t.strictSame(flawsOf({}, { schema, complete: false }), { unknown: ['A'], invalid: {} })
  t.strictSame(flawsOf({}, { schema, required: ['B'], complete: false }), {
    unknown: ['B', 'A'],
    invalid: {},
  })
})

t.test('flaws › only an empty value that may be empty is excused from the schema', async t => {
  const schema = { properties: { A: { type: 'string', minLength: 3 } } }
  const tooShort = { invalid: { A: 'must NOT have fewer than 3 characters' } }
  t.strictSame(flawsOf({ A: ' ' }, { schema, allowEmpty: ['A'] }), { invalid: {} })
  t.strictSame(flawsOf({ A: ' ' }, { schema }), tooShort, 'not one that may not')
  t.strictSame(flawsOf({ A: 'x' }, { schema, allowEmpty: ['A'] }), tooShort, 'nor one that is not empty')
  t.strictSame(flawsOf({ A: ' ' }, { schema, allowEmpty: ['B'] }), tooShort)
})

t.test('flaws › an empty value or a placeholder is told of as that alone', async t => {
  const schema = { required: ['A', 'B'], properties: { A: { type: 'integer' }, B: { type: 'integer' } } }
  t.strictSame(flawsOf({ A: '', B: 'changeme' }, { schema }), {
    empty: ['A'],
    placeholder: ['B'],
    invalid: {},
  })
  t.strictSame(flawsOf({ A: '1', B: 'changeme' }, { schema, allowPlaceholder: ['B'] }), {
    invalid: { B: 'must be integer' },
  })
})

t.test('flaws › a name that is not declared is not shown', async t => {
  const schema = { required: ['A'], patternProperties: { '^X_': { type: 'integer' } } }
  t.strictSame(flawsOf({ A: '1', X_HUNTER2: 'a' }, { schema }), { invalid: { '': 'must be integer' } })
})

t.test('flaws › a value that is not known, or not declared, is no placeholder', async t => {
  const schema = { properties: { A: {} } }
  t.strictSame(flawsOf({ A: undefined, B: 'changeme' }, { schema }), { unknown: ['A'], invalid: {} })
})
