import * as fc from 'fast-check'
import t from 'tap'
import type { Check } from '../../src/core/check.ts'
import type { Finding } from '../../src/core/finding.ts'
import { proven } from '../../src/core/host-state.ts'
import { Monitor } from '../../src/monitor/monitor.ts'
import { checkPolicy } from '../support/check-policy.ts'
import { holdFor } from '../support/hold-for.ts'
import { ManualClock } from '../support/manual-clock.ts'

// the same traces in every run
fc.configureGlobal({ seed: 11 })

const ROUNDS = 3
const DEADLINE_MS = 4000
const HOLD_MS = 600_000

const findings: Readonly<Record<string, Finding>> = {
  pass: { status: 'pass' },
  warn: { status: 'warn', reason: 'ENV_VARIABLE_INVALID', message: 'odd' },
  fail: { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed' },
  unknown: { status: 'unknown', reason: 'DATABASE_REFUSED', message: 'refused' },
}

/** How a check of the trace takes its next runs: at once, after a while, by throwing, or never. */
type Manner = 'pass' | 'warn' | 'fail' | 'unknown' | 'slow' | 'throws' | 'hangs'

type Step =
  | { readonly kind: 'manner'; readonly check: number; readonly manner: Manner }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'suspend'; readonly ms: number }
  | { readonly kind: 'probe' }
  /** The sidecar is killed and started again: with the latch, where it had proved itself. */
  | { readonly kind: 'restart' }
  /** Another release is on the host. */
  | { readonly kind: 'release' }

const CHECKS = 3
const policies = [
  checkPolicy('page', { dependsOn: ['database'], timeoutMs: 6000 }),
  checkPolicy('env', { unhealthyThreshold: 2 }),
  checkPolicy('database', { shared: true, intervalMs: 15_000, freshForMs: 15_000 }),
]

const step = (manners: readonly Manner[]): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('manner' as const),
        check: fc.nat(CHECKS - 1),
        manner: fc.constantFrom(...manners),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 0, max: 60_000 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('suspend' as const),
        ms: fc.integer({ min: 0, max: 60_000 }),
      }),
    },
    { weight: 4, arbitrary: fc.constant({ kind: 'probe' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'release' as const }) },
  )

/** Plays a trace, and throws where a rule is broken. Answers what every probe was told. */
const play = async (steps: readonly Step[], manners: readonly Manner[]): Promise<string[]> => {
  const clock = new ManualClock()
  const now: Manner[] = policies.map((_, i) => manners[i % manners.length] ?? 'pass')
  const atOnce = policies.map(() => 0)
  /** For each check, how often in a row it has passed since the release was put there or the sidecar started afresh. */
  const inARow = policies.map(() => 0)
  const told: string[] = []
  const violations: string[] = []
  let proved = false
  let seed = 7
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647

  const answer = async (i: number): Promise<Finding> => {
    const manner = now[i]
    if (manner === 'throws') throw new Error('broke')
    if (manner === 'hangs') return await new Promise(() => {})
    if (manner === 'slow') await new Promise<void>(resolve => void clock.after(1500, resolve))
    return findings[manner === 'slow' ? 'pass' : (manner ?? 'unknown')] ?? { status: 'pass' }
  }

  const start = (): Monitor => {
    atOnce.fill(0)
    const checks = policies.map(({ name }, i): [string, Check] => [
      name,
      {
        async run() {
          atOnce[i] = (atOnce[i] ?? 0) + 1
          if (atOnce[i] > 1) violations.push(`two runs of ${name} at once`)
          try {
            return await answer(i)
          } finally {
            atOnce[i] -= 1
          }
        },
        async [Symbol.asyncDispose]() {},
      },
    ])
    const monitor = new Monitor({
      policy: { checks: policies, holdMs: holdFor(HOLD_MS), startupHealthyThreshold: ROUNDS },
      checks: new Map(checks),
      deadlineMs: DEADLINE_MS,
      clock,
      random,
      ...(proved && { host: proven(clock.now()) }),
      listeners: [
        {
          checkAnswered({ name, finding }) {
            const i = policies.findIndex(policy => policy.name === name)
            const passed = finding.status === 'pass' || finding.status === 'warn'
            inARow[i] = passed ? (inARow[i] ?? 0) + 1 : 0
          },
          proved() {
            if (inARow.some(count => count < ROUNDS))
              violations.push(`proved after only ${inARow.join(', ')} passes in a row`)
            proved = true
          },
        },
      ],
    })
    monitor.start()
    return monitor
  }

  const probe = async (): Promise<void> => {
    const askedAt = clock.now()
    let answeredAt = Infinity
    const answering = Promise.resolve(monitor.verdict()).then(verdict => {
      answeredAt = clock.now()
      return verdict
    })
    await clock.advance(DEADLINE_MS)
    if (answeredAt - askedAt > DEADLINE_MS) violations.push('an answer later than the deadline')
    const { status } = await answering
    if (status !== 'fail' && !proved) violations.push(`${status} before the host had proved itself`)
    told.push(status)
  }

  let monitor = start()
  for (const next of steps)
    if (next.kind === 'manner') now[next.check] = next.manner
    else if (next.kind === 'time') await clock.advance(next.ms)
    else if (next.kind === 'suspend') clock.jump(next.ms)
    else if (next.kind === 'probe') await probe()
    else if (next.kind === 'release') {
      proved = false
      inARow.fill(0)
      monitor.restart()
    } else {
      void monitor[Symbol.asyncDispose]()
      if (!proved) inARow.fill(0)
      monitor = start()
    }
  void monitor[Symbol.asyncDispose]()
  if (violations.length > 0) throw new Error(violations.join('; '))
  return told
}

const all: readonly Manner[] = ['pass', 'pass', 'pass', 'warn', 'fail', 'unknown', 'slow', 'throws', 'hangs']
const traces = (manners: readonly Manner[]) => fc.array(step(manners), { maxLength: 40 })

t.test(
  'whatever checks, clocks and restarts do: no 200 unproved, none late, no two runs at once',
  async t => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(traces(all), async steps => {
        for (const status of await play(steps, ['pass'])) seen.add(status)
      }),
      { numRuns: 300 },
    )
    t.strictSame(
      seen,
      new Set(['pass', 'warn', 'fail']),
      'every answer was given, so the rules were put to the test',
    )
  },
)

t.test('once proved, what is only unknown takes no host out, through restarts as well', async t => {
  const harmless: readonly Manner[] = ['pass', 'unknown', 'throws', 'hangs', 'slow']
  const untilProved: readonly Step[] = [{ kind: 'time', ms: 120_000 }, { kind: 'probe' }]
  let held = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        step(harmless).filter(({ kind }) => kind !== 'release'),
        { minLength: 10, maxLength: 20 },
      ),
      async steps => {
        let elapsedMs = 0
        const short = steps.filter(next => {
          elapsedMs += 'ms' in next ? next.ms : next.kind === 'probe' ? DEADLINE_MS : 0
          return elapsedMs < HOLD_MS
        })
        const [first, ...told] = await play([...untilProved, ...short], ['pass'])
        if (first !== 'pass') throw new Error('did not prove itself')
        if (told.includes('fail')) throw new Error('503 for what was only unknown')
        held += told.filter(status => status === 'warn').length
      },
    ),
    { numRuns: 200 },
  )
  t.ok(held > 50, `${held} answers were held`)
})

t.test('the same trace gives the same answers', async t => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(traces(all), async steps => {
      const [a, b] = [await play(steps, ['pass']), await play(steps, ['pass'])]
      if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error(`${a.join(' ')} is not ${b.join(' ')}`)
      for (const status of a) seen.add(status)
    }),
    { numRuns: 50 },
  )
  t.strictSame(seen, new Set(['pass', 'warn', 'fail']), 'every answer was given')
})
