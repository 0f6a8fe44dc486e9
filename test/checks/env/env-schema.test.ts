import t from 'tap'
import { readEnvSchema } from '../../../src/checks/env/env-schema.ts'

const parse = (schema: object) => {
  const read = readEnvSchema(JSON.stringify(schema))
  if (!read.ok) throw new Error(read.message)
  return read
}

t.test('env schema › every name that it mentions is declared, each once', async t => {
  const { required, names } = parse({ required: ['A', 'B'], properties: { B: {}, C: {} } })
  t.strictSame(
    [required, names],
    [
      ['A', 'B'],
      ['A', 'B', 'C'],
    ],
  )
  t.strictSame(parse({ required: ['A'] }).names, ['A'], 'though it has no properties')
  t.strictSame(parse({ properties: { A: {} } }).required, [])
})

t.test('env schema › what is required and is no name is passed over', async t => {
  t.strictSame(parse({ required: ['A', 7, null] }).required, ['A'])
  t.strictSame(parse({ required: 'A', properties: { B: {} } }).names, ['B'])
})
