import t from 'tap'
import type { CheckVerdict, Verdict } from '../../src/core/verdict.ts'
import { statusLine } from '../../src/systemd/status-line.ts'

const pending: CheckVerdict = {
  name: 'migrations',
  effect: 'fail',
  finding: {
    status: 'fail',
    reason: 'MIGRATIONS_PENDING',
    message: '1 migration is not applied: catalog.0002',
  },
}
const starting: Verdict = { status: 'fail', phase: 'starting', checks: [] }
const textOf = (verdict: Verdict) => statusLine(verdict).text

t.test('STATUS › is the answer, the phase and what stands against a pass', async t => {
  const cases: readonly (readonly [string, Verdict])[] = [
    [
      '503 starting: 2 of 5 rounds have passed',
      { ...starting, output: 'starting: 2 of 5 rounds have passed' },
    ],
    [
      '503 starting: migrations: 1 migration is not applied: catalog.0002',
      { ...starting, output: 'migrations: 1 migration is not applied: catalog.0002', checks: [pending] },
    ],
    ['200 serving', { status: 'pass', phase: 'serving', checks: [] }],
    ['200 serving: env: odd', { status: 'warn', phase: 'serving', output: 'env: odd', checks: [] }],
    ['503 draining: SIGTERM', { status: 'fail', phase: 'draining', output: 'draining: SIGTERM', checks: [] }],
  ]
  for (const [text, verdict] of cases) t.equal(textOf(verdict), text)
})

t.test('STATUS › is one line of a sensible length, whatever a check says', async t => {
  const line = textOf({ ...starting, output: `page: a\nSTOPPING=1\r\n\0 \u0085 b ${'🔑'.repeat(500)}` })
  t.match(line, /^503 starting: page: a STOPPING=1 b 🔑+…$/u)
  t.equal(Array.from(line).length, 240)
})

t.test('STATUS › tells notes behind it, each of a sensible length, and they are of its key', async t => {
  const { text, key } = statusLine(starting, ['first\nnote', 'x'.repeat(300)])
  t.match(text, /^503 starting \| first note \| x{239}…$/)
  t.not(key, statusLine(starting, ['first\nnote']).key)
})

t.test('STATUS › has a key that changes with what is wrong, and not with a number that grows', async t => {
  const keyOf = (message: string, overrides: Partial<CheckVerdict> = {}) =>
    statusLine({
      ...starting,
      output: message,
      checks: [
        {
          ...pending,
          finding: { status: 'unknown', reason: 'FINDING_EXPIRED', message },
          ...overrides,
        },
      ],
    }).key
  t.equal(keyOf('the last finding is 35 s old'), keyOf('the last finding is 45 s old'))
  t.not(keyOf('a'), keyOf('a', { effect: 'warn' }))
  t.not(keyOf('a'), keyOf('a', { name: 'other' }))
  t.not(keyOf('a'), keyOf('a', { finding: pending.finding }))
  t.not(keyOf('a'), keyOf('a', { because: 'held' }))
  const round = (n: number) =>
    statusLine({ ...starting, output: `starting: ${n} of 5 rounds have passed` }).key
  t.not(round(1), round(2))
  const drain = (reason: string) =>
    statusLine({ ...starting, phase: 'draining', output: `draining: ${reason}`, checks: [pending] }).key
  t.not(drain('SIGTERM'), drain('kernel upgrade'))
})
