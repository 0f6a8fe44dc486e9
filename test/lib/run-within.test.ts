import t from 'tap'
import { TimeLimitError, runWithin } from '../../src/lib/run-within.ts'
import { cpuMsOf } from '../support/cpu-time.ts'

t.test('run within › gives the result of work, or throws what it throws', async t => {
  const own = new RangeError('own')
  const works = { seven: () => 7, nothing: () => undefined }
  t.equal(runWithin(works.seven), 7)
  t.equal(runWithin(works.nothing), undefined)
  const broken = (): never => {
    throw own
  }
  t.throws(() => runWithin(broken), own)
})

t.test('run within › stops expressions that backtrack for ever', async t => {
  const subject = `Welcome${'a'.repeat(60_000)}b`
  for (const expression of [/Welcome(a+)+$/, /(?:(?:a{1,200}){1,200}|c){1,100}c$/, /(a|a)*$/]) {
    const cpuMs = cpuMsOf(() => t.throws(() => runWithin(() => expression.test(subject)), TimeLimitError))
    t.ok(cpuMs < 200, `${expression.source}: ${cpuMs} ms`)
  }
  t.equal(
    runWithin(() => subject.startsWith('Welcome')),
    true,
    'and the next one runs',
  )
})
