import * as fc from 'fast-check'
import t from 'tap'
import { readRecord } from '../../src/history/read-record.ts'
import type { Replayed } from '../../src/replay/replayed.ts'
import { Replayer } from '../../src/replay/replayer.ts'
import { checkSummary } from '../support/check-policy.ts'
import { otherBy, recordHost } from '../support/recorded-host.ts'
import type { Manner, Rules, Sample, Step } from '../support/recorded-host.ts'

// the same traces in every run
fc.configureGlobal({ seed: 17 })

const rules: Rules = {
  checks: [
    checkSummary('page', { dependsOn: ['database'], timeoutMs: 6000 }),
    checkSummary('env', { unhealthyThreshold: 3, healthyThreshold: 2 }),
    checkSummary('database', { shared: true, intervalMs: 15_000, freshForMs: 4000 }),
    checkSummary('cache', { required: false }),
    checkSummary('boot', { gate: 'startup' }),
  ],
  peers: 'the others',
}

const manners: readonly Manner[] = [
  ...([
    'pass',
    'pass',
    'delayed',
    'warn',
    'fail',
    'stuck',
    'stuck',
    'shared',
    'busy',
    'progress',
    'local',
  ] as const),
  ...(['slow', 'throws', 'hangs'] as const),
]

const manner = fc.record({
  kind: fc.constant('manner' as const),
  check: fc.nat(rules.checks.length - 1),
  manner: fc.constantFrom(...manners),
})
const lasting = (kind: 'time' | 'suspend' | 'drain', max: number) =>
  fc.record({ kind: fc.constant(kind), ms: fc.integer({ min: 1, max }) })
const plain = fc.record({
  kind: fc.constantFrom(
    'resume' as const,
    'reload' as const,
    'refresh' as const,
    'restart' as const,
    'release' as const,
  ),
})
const peers = fc.record({
  kind: fc.constant('peers' as const),
  answer: fc.constantFrom(
    'pass' as const,
    'pass' as const,
    'pass' as const,
    'fail' as const,
    'nobody' as const,
    'none' as const,
  ),
})
const obstacle = fc.record({ kind: fc.constant('obstacle' as const), isThere: fc.boolean() })

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: manner },
  { weight: 6, arbitrary: lasting('time', 90_000) },
  { weight: 2, arbitrary: lasting('time', 300_000) },
  { weight: 1, arbitrary: lasting('suspend', 60_000) },
  { weight: 1, arbitrary: lasting('suspend', 2_000_000) },
  { weight: 1, arbitrary: lasting('drain', 120_000) },
  { weight: 3, arbitrary: plain },
  { weight: 3, arbitrary: peers },
  { weight: 1, arbitrary: obstacle },
  { weight: 3, arbitrary: fc.constant({ kind: 'probe' as const }) },
)

const replay = (lines: readonly string[], other: Rules): Replayed => {
  const replayer = new Replayer(otherBy(other))
  for (const line of lines) {
    const record = readRecord(line)
    if (!record) throw new Error(`no record: ${line}`)
    replayer.take(record)
  }
  return replayer.finish()
}

t.test('replay › under its own configuration, a history has the answers that were recorded', async t => {
  let sameMs = 0
  const answers = new Set<number>()
  const rulesSeen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 25 }), async steps => {
      const { lines } = await recordHost(rules, { steps: [{ kind: 'time', ms: 90_000 }, ...steps] })
      for (const line of lines) {
        const record = readRecord(line)
        if (record) answers.add(record.answer)
        if (record?.event === 'verdict') rulesSeen.add(record.rule)
      }
      const replayed = replay(lines, rules)
      if (replayed.differences.length > 0 || replayed.unknownMs > 0 || replayed.limits.length > 0)
        throw new Error(JSON.stringify(replayed, undefined, 1))
      sameMs += replayed.sameMs
    }),
    { numRuns: 60 },
  )
  t.strictSame(answers, new Set([200, 503]))
  t.ok(sameMs > 10 * 3_600_000, `${sameMs} ms were compared`)
  for (const rule of ['failed', 'hold-expired', 'held', 'alone', 'not-alone', 'draining', 'starting'])
    t.ok(rulesSeen.has(rule), rule)
})

t.test('replay › progress ends a failure that rests on the lack of it, as it did', async t => {
  const { peers: _peers, ...alone } = rules
  const lasts = { kind: 'time', ms: 60_000 } as const
  const { lines } = await recordHost(alone, {
    steps: [
      lasts,
      lasts,
      { kind: 'manner', check: 0, manner: 'stuck' },
      lasts,
      { kind: 'manner', check: 0, manner: 'progress' },
      lasts,
    ],
  })
  const answers = lines.map(line => readRecord(line)?.answer)
  t.strictSame(
    answers.filter((answer, i) => answer !== answers[i - 1]),
    [503, 200, 503, 200],
  )
  const { differences, unknownMs } = replay(lines, alone)
  t.strictSame([differences, unknownMs], [[], 0])
})

t.test('replay › silence holds with the peers, is proof without any, and stays it, as it did', async t => {
  const lasts = { kind: 'time', ms: 30_000 } as const
  const said = (answer: 'pass' | 'fail' | 'nobody') => [{ kind: 'peers', answer } as const, lasts]
  for (const [steps, answers] of [
    [[...said('fail'), ...said('fail')], [200]],
    [
      [...said('pass'), ...said('pass'), ...said('fail'), ...said('fail')],
      [200, 503],
    ],
    [
      [...said('nobody'), ...said('nobody'), ...said('fail')],
      [200, 503],
    ],
  ] as const) {
    const { lines } = await recordHost(rules, {
      steps: [lasts, lasts, lasts, { kind: 'manner', check: 0, manner: 'stuck' }, lasts, ...steps],
    })
    const told = lines.flatMap(line => readRecord(line)?.answer ?? [])
    const changes = told.filter((answer, i) => answer !== told[i - 1])
    t.strictSame(changes, [503, ...answers], 'from the start on')
    const { differences, unknownMs } = replay(lines, rules)
    t.strictSame([differences, unknownMs], [[], 0])
  }
})

t.test('replay › what the database says of everybody holds whatever peers say, as it did', async t => {
  const lasts = { kind: 'time', ms: 30_000 } as const
  const pass = { kind: 'peers', answer: 'pass' } as const
  for (const [manner, answers] of [
    ['full', [503, 200]],
    ['shared', [503, 200, 503]],
  ] as const) {
    const { lines } = await recordHost(rules, {
      steps: [lasts, lasts, lasts, { kind: 'manner', check: 0, manner }, lasts, pass, lasts, pass, lasts],
    })
    const told = lines.flatMap(line => readRecord(line)?.answer ?? [])
    t.strictSame(
      told.filter((answer, i) => answer !== told[i - 1]),
      answers,
      manner,
    )
    const { differences, unknownMs } = replay(lines, rules)
    t.strictSame([differences, unknownMs], [[], 0], manner)
  }
})

/** A page, and a database that it depends on if `dependsOn` says so. */
const pageWith = (dependsOn: readonly string[], more: Partial<Rules> = {}): Rules => ({
  checks: [
    checkSummary('page', { dependsOn, timeoutMs: 6000 }),
    checkSummary('database', { shared: true, required: false, intervalMs: 15_000, freshForMs: 15_000 }),
  ],
  ...more,
})

/** What a history says, under one configuration, of a trace that was recorded under another. */
const replayOf = async (steps: readonly Step[], recorded: Rules, other: Rules) => {
  const { lines } = await recordHost(recorded, { steps: [{ kind: 'time', ms: 90_000 }, ...steps] })
  const { differences } = replay(lines, other)
  return [...new Set(differences.map(one => `${one.recorded.answer} → ${one.replayed.answer}`))]
}

const whileSlow: readonly Step[] = [
  { kind: 'manner', check: 1, manner: 'delayed' },
  { kind: 'time', ms: 60_000 },
  { kind: 'manner', check: 0, manner: 'stuck' },
  { kind: 'time', ms: 12_000 },
]

t.test('replay › a slow database explains a silent app, as it did', async t => {
  const [alone, dependent] = [pageWith([]), pageWith(['database'])]
  const eased: readonly Step[] = [
    { kind: 'time', ms: 60_000 },
    { kind: 'manner', check: 1, manner: 'pass' },
    { kind: 'time', ms: 120_000 },
  ]
  t.strictSame(await replayOf([...whileSlow, ...eased], dependent, dependent), [])
  t.strictSame(await replayOf(whileSlow, alone, dependent), ['503 → 200'])
  t.strictSame(await replayOf(whileSlow, dependent, alone), ['200 → 503'])
})

t.test(
  'replay › without its dependency, an app that was silent may still be in doubt with its peers',
  async t => {
    const asks = { peers: 'the others' }
    const steps: readonly Step[] = [
      ...whileSlow,
      { kind: 'peers', answer: 'fail' },
      { kind: 'time', ms: 15_000 },
    ]
    t.strictSame(await replayOf(steps, pageWith(['database'], asks), pageWith([], asks)), [])
  },
)

t.test('replay › since when an app was silent is not recorded', async t => {
  const steps: readonly Step[] = [
    { kind: 'manner', check: 1, manner: 'shared' },
    { kind: 'time', ms: 60_000 },
    { kind: 'manner', check: 1, manner: 'pass' },
    { kind: 'time', ms: 90_000 },
    { kind: 'manner', check: 0, manner: 'stuck' },
    { kind: 'time', ms: 60_000 },
  ]
  t.strictSame(await replayOf(steps, pageWith([]), pageWith(['database'])), ['503 → null'])
})

/** A tell of the recorded daemon comes at its next finding: a moment may be so much later than the change itself. */
const LAG_MS = 20_000

const isNear = ({ differences }: Replayed, at: number): boolean =>
  differences.some(({ from, to }) => [from, to].some(edge => Math.abs(Date.parse(edge) - at) <= LAG_MS))

const differsAt = ({ differences }: Replayed, at: number): boolean =>
  differences.some(({ from, to }) => Date.parse(from) <= at && at < Date.parse(to))

const isUnknownAt = ({ differences }: Replayed, at: number): boolean =>
  differences.some(
    ({ from, to, replayed }) => replayed.answer === null && Date.parse(from) <= at && at < Date.parse(to),
  )

/** When the other host's answer was another one; only changes that are settled count. */
const isSettled = (samples: readonly Sample[], i: number): boolean =>
  [i - 2, i - 1, i + 1, i + 2].every(
    j => samples[j] === undefined || samples[j].answer === samples[i]?.answer,
  )

t.test('replay › under another configuration, it has the answers that this one really gives', async t => {
  const alone = { dependsOn: [] }
  const checks = [
    checkSummary('page', { ...alone, timeoutMs: 6000 }),
    checkSummary('env', { unhealthyThreshold: 1 }),
    checkSummary('database', { shared: true, intervalMs: 15_000 }),
    checkSummary('cache', { required: false }),
  ]
  const recorded: Rules = { checks, holdMs: 300_000 }
  const others: readonly Rules[] = [
    { checks, holdMs: 60_000 },
    {
      checks: checks.map(check => ({ ...check, unhealthyThreshold: 4, healthyThreshold: 2 })),
      holdMs: 300_000,
    },
    { checks: checks.filter(({ name }) => name !== 'database'), holdMs: 300_000 },
    { checks: checks.map(check => ({ ...check, required: check.name !== 'env' })), holdMs: 300_000 },
  ]
  const calm = fc.oneof(
    { weight: 4, arbitrary: manner.filter(({ check }) => check < checks.length) },
    { weight: 6, arbitrary: lasting('time', 200_000) },
  )
  let differed = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(calm, { minLength: 4, maxLength: 8 }),
      fc.constantFrom(...others),
      async (some, other) => {
        const steps: readonly Step[] = [{ kind: 'time', ms: 90_000 }, ...some]
        const sampling = { steps, sampleEveryMs: 9000 }
        const { lines, samples } = await recordHost(recorded, sampling)
        const { samples: really } = await recordHost({ ...other, checks: inPlaceOf(other, checks) }, sampling)
        const replayed = replay(lines, other)
        for (const [i, { time, answer }] of samples.entries()) {
          const at = Date.parse(time)
          const end = Date.parse(replayed.to ?? '')
          if (at > end || isNear(replayed, at) || !isSettled(samples, i) || !isSettled(really, i)) continue
          if (isUnknownAt(replayed, at)) continue
          const differs = really[i]?.answer !== answer
          if (differs) differed += 1
          if (differs !== differsAt(replayed, at))
            throw new Error(
              `${time}: recorded ${answer}, really ${really[i]?.answer}; ${JSON.stringify(replayed)}`,
            )
        }
      },
    ),
    { numRuns: 60, endOnFailure: true },
  )
  t.ok(differed > 40, `${differed} answers differed`)
})

/** The same checks in the same order, so that the same times are drawn; one that was removed counts for nothing. */
const inPlaceOf = ({ checks }: Rules, all: Rules['checks']): Rules['checks'] =>
  all.map(check => checks.find(({ name }) => name === check.name) ?? { ...check, required: false })
