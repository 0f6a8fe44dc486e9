import t from 'tap'
import { parseEnvSchema } from '../../../src/checks/env/env-schema.ts'
import { TimeLimitError } from '../../../src/lib/run-within.ts'
import { cpuMsOf } from '../../support/cpu-time.ts'

t.test('env schema › a pattern that takes too long is stopped', async t => {
  const schema = parseEnvSchema(JSON.stringify({ properties: { A: { type: 'string', pattern: '^(a+)+$' } } }))
  if (!schema.ok) throw new Error(schema.message)
  t.strictSame(schema.validate(new Map([['A', 'aaa']])), [])
  const hostile = new Map([['A', `${'a'.repeat(60)}!`]])
  const cpuMs = cpuMsOf(() => t.throws(() => schema.validate(hostile), TimeLimitError))
  t.ok(cpuMs < 200, `${cpuMs} ms`)
})
