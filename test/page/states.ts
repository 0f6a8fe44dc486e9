import type { CheckRecord, Change, RecordBase } from '../../src/history/record.ts'
import type { CheckDocument, StatusDocument } from '../../src/status/status-document.ts'
import { checkSummary } from '../support/check-policy.ts'
import { TestHistory, start, stop } from '../support/history-records.ts'

/** Something that a host can be in, as the page is told of it. */
export interface State {
  readonly document: StatusDocument
  readonly lines: readonly string[]
}

export const NOW = new Date('2026-11-26T03:14:00.000Z')
const NOW_SECOND = 840
const at = (time: string) => `2026-11-26T${time}.000Z`

const pass: CheckDocument = {
  status: 'pass',
  componentType: 'component',
  time: at('03:13:56'),
  observedValue: 3.1,
  observedUnit: 'ms',
}
const datastore = { ...pass, componentType: 'datastore', observedValue: 1.2 } as const
const failing: CheckDocument = {
  ...pass,
  status: 'fail',
  reason: 'SMOKE_STATUS_UNEXPECTED',
  output: 'GET / on http+unix:/run/app/app.sock is answered 500, not 200: see the app’s own log',
  evidence: { status: 500, expected: 200, target: 'http+unix:/run/app/app.sock', tookMs: 3 },
}
const refused: CheckDocument = {
  ...datastore,
  status: 'unknown',
  effect: 'warn',
  because: 'held',
  cause: 'shared',
  reason: 'DATABASE_REFUSED',
  output: '10.0.1.5:5432 refuses the connection: is Postgres running? Check its host and port',
  heldSince: at('03:11:50'),
  evidence: { address: '10.0.1.5:5432' },
}

const wellChecks = { homepage: pass, migrations: datastore, env: pass, database: datastore }

const probes: StatusDocument['probes'] = {
  sources: [
    {
      address: '10.0.1.7',
      checker: 'ELB-HealthChecker',
      time: at('03:13:56'),
      probes: 5123,
      answer: 200,
      answersInARow: 812,
      intervalSeconds: 15,
      defaultUnhealthyThreshold: 2,
    },
    {
      address: '10.0.2.9',
      checker: 'ELB-HealthChecker',
      time: at('03:13:51'),
      probes: 5120,
      answer: 200,
      answersInARow: 811,
      intervalSeconds: 15,
      defaultUnhealthyThreshold: 2,
    },
  ],
}

const documentOf = (
  checks: Readonly<Record<string, CheckDocument>>,
  more: Partial<StatusDocument> = {},
): StatusDocument => ({
  status: 'pass',
  phase: 'serving',
  version: '1',
  releaseId: '2026.11.3',
  since: at('03:03:40'),
  probes,
  checks: Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, [check]])),
  ...more,
})

const summaries = (['homepage', 'migrations', 'env', 'database'] as const).map(name =>
  checkSummary(name, {
    type: ({ homepage: 'smoke', migrations: 'migrations', env: 'env', database: 'postgres' } as const)[name],
    required: name !== 'database',
  }),
)

const before = { verdictBefore: 'pass', phaseBefore: 'serving' } as const

const found = (check: string, more: Partial<CheckRecord>): CheckRecord => ({
  event: 'check',
  check,
  type: summaries.find(({ name }) => name === check)?.type ?? 'smoke',
  status: 'pass',
  tookMs: 3,
  ...before,
  ...more,
})

const outage = (status: 'fail' | 'unknown', reason: string, message: string) =>
  ({
    status,
    reason,
    message,
    ...(status === 'unknown' && { cause: 'shared' as const }),
    statusBefore: 'pass',
    timesBefore: 9,
  }) as const

const decided = (rule: 'failed' | 'all-pass' | 'held', check?: CheckRecord): Change => ({
  event: 'verdict',
  rule,
  decidedBy: check ? [{ ...check, unhealthyThreshold: 1, healthyThreshold: 1 }] : [],
  ...before,
})

const stale = found(
  'homepage',
  outage('fail', 'SMOKE_SOCKET_STALE', 'nobody listens on /run/app/app.sock: start the app'),
)
const away = found('database', outage('unknown', 'DATABASE_REFUSED', '10.0.1.5:5432 refuses the connection'))

/** A day of a host: a deployment, an outage of the database, a crash of the app. */
const dayOfAHost = (): TestHistory => {
  const names = summaries.map(({ name }) => name)
  const history = new TestHistory()
  const begin = (second: number, standing: Partial<RecordBase>) => {
    history.at(second, { ...start, version: '0.1.0', latched: false, checks: summaries } as Change, standing)
    for (const name of names) history.at(second + 1, found(name, {}))
  }
  begin(-90_000, { release: '2026.11.2' })
  history.at(-61_000, away).at(-61_000, decided('held', away), { verdict: 'warn' })
  history
    .at(-59_500, found('database', { statusBefore: 'unknown' }))
    .at(-59_500, decided('all-pass'), { verdict: 'pass' })
  history.at(-36_000, stop)
  begin(-35_900, { pid: 2, release: '2026.11.3', verdict: 'fail', phase: 'starting' })
  history.at(-35_860, { ...decided('all-pass'), phaseBefore: 'starting' } as Change, {
    verdict: 'pass',
    phase: 'serving',
  })
  history.at(130, stale).at(130, decided('failed', stale), { verdict: 'fail' })
  history
    .at(220, found('homepage', { statusBefore: 'fail', reasonBefore: 'SMOKE_SOCKET_STALE' }))
    .at(220, decided('all-pass'), { verdict: 'pass', probes: { '503': 6 } })
  return history
}

const linesOf = (history: TestHistory, standing: Partial<RecordBase> = {}): readonly string[] =>
  history.at(NOW_SECOND, { event: 'now' }, { probes: { '200': 42 }, ...standing }).lines

const well = linesOf(dayOfAHost())

const heldChecks = {
  homepage: {
    ...failing,
    status: 'unknown',
    effect: 'warn',
    because: 'held',
    cause: 'shared',
    reason: 'DEPENDENCY_NOT_PASSING',
    output: 'it fails while database, which it depends on, does not pass: 500 for GET /',
    heldSince: at('03:11:52'),
  },
  migrations: refused,
  env: pass,
  database: { ...refused, because: 'optional' },
} as const

const sharedLines = linesOf(
  dayOfAHost()
    .at(
      710,
      found('migrations', outage('unknown', 'DATABASE_REFUSED', '10.0.1.5:5432 refuses the connection')),
    )
    .at(710, away)
    .at(
      712,
      found('homepage', outage('unknown', 'DEPENDENCY_NOT_PASSING', 'it fails while database does not pass')),
    )
    .at(712, decided('held', away), { verdict: 'warn' }),
)

const failed = found('homepage', outage('fail', 'SMOKE_STATUS_UNEXPECTED', 'GET / is answered 500, not 200'))
const failingLines = linesOf(
  dayOfAHost().at(700, failed).at(700, decided('failed', failed), { verdict: 'fail' }),
  { probes: { '503': 9 } },
)

const drain = { reason: 'kernel upgrade', by: 'alice', since: at('03:10:00'), until: at('03:40:00') }
const drainLines = linesOf(
  dayOfAHost().at(600, { event: 'drain', drain, ...before }, { verdict: 'fail', phase: 'draining' }),
)
const startedAt = 780
const startLines = linesOf(
  new TestHistory()
    .at(startedAt, { ...start, version: '0.1.0', latched: false, checks: summaries } as Change, {
      release: '2026.11.4',
      phase: 'starting',
      verdict: 'fail',
    })
    .at(startedAt + 1, found('homepage', {}))
    .at(startedAt + 1, found('migrations', {}))
    .at(startedAt + 1, found('env', {}))
    .at(startedAt + 1, found('database', {})),
)

const since = (time: string) => ({ status: 'fail', since: at(time) }) as const

/** Text that tries to be markup, to leave its attribute, and to turn the direction of writing. */
export const HOSTILE =
  '"><script>document.title="owned"</script><img src=x onerror=alert(1)>\' onload=x ${7} &amp; \u202edetrever\u202c \u001b[31m\u0000 \u2028 🙈 שלום '

const hostileCheck: CheckDocument = {
  ...refused,
  reason: HOSTILE,
  output: `${HOSTILE}\n<!DOCTYPE html><html><style>*{display:none}</style><h1>Server Error</h1></title></svg></script>`,
  evidence: {
    page: `<body onload="x">${HOSTILE}`,
    [HOSTILE]: [HOSTILE],
    deep: { a: ['</dd></dl></details>'] },
  },
}

const hostileHistory = new TestHistory()
  .at(0, { ...start, version: HOSTILE } as Change, { release: HOSTILE })
  .at(10, { event: 'release', releaseBefore: HOSTILE, ...before })
  .at(20, { event: 'config', outcome: 'refused', configHash: '', mistakes: [HOSTILE], ...before })
  .at(30, found(HOSTILE, { status: 'fail', reason: HOSTILE, message: HOSTILE }))
  .at(40, { event: 'drain', drain: { reason: HOSTILE, by: HOSTILE }, ...before })

/** Every phase and every kind of trouble, by name. */
export const states = {
  serving: { document: documentOf(wellChecks), lines: well },
  starting: {
    document: documentOf(wellChecks, {
      ...since('03:13:00'),
      phase: 'starting',
      releaseId: '2026.11.4',
      startup: { rounds: 2, needed: 5 },
      probes: { sources: [] },
    }),
    lines: startLines,
  },
  'starting, not proved': {
    document: documentOf(
      { ...wellChecks, database: { ...refused, effect: 'fail', because: 'unproven' } },
      { ...since('03:13:00'), phase: 'starting', startup: { rounds: 0, needed: 5 } },
    ),
    lines: startLines,
  },
  'starting, failing': {
    document: documentOf(
      { ...wellChecks, homepage: failing },
      { ...since('03:13:00'), phase: 'starting', startup: { rounds: 0, needed: 10 } },
    ),
    lines: startLines,
  },
  warning: {
    document: documentOf(
      {
        ...wellChecks,
        database: {
          ...datastore,
          status: 'fail',
          effect: 'warn',
          because: 'optional',
          reason: 'TCP_CONNECTION_REFUSED',
          output: '127.0.0.1:6379 refuses the connection: the app is not running, or listens elsewhere',
        },
      },
      { status: 'warn' },
    ),
    lines: well,
  },
  'below a threshold': {
    document: documentOf({
      ...wellChecks,
      homepage: { ...failing, effect: 'pass', because: 'below-unhealthy-threshold' },
    }),
    lines: well,
  },
  'holding, shared': { document: documentOf(heldChecks, { status: 'warn' }), lines: sharedLines },
  'holding, busy': {
    document: documentOf(
      {
        ...wellChecks,
        homepage: {
          ...failing,
          status: 'unknown',
          effect: 'warn',
          because: 'held',
          cause: 'busy',
          reason: 'SMOKE_NO_ANSWER',
          output: 'the app did not answer within 2.0 s; another request was answered 3 s ago',
          heldSince: at('03:13:20'),
        },
      },
      { status: 'warn' },
    ),
    lines: well,
  },
  'holding, local': {
    document: documentOf(
      {
        ...wellChecks,
        env: {
          ...pass,
          status: 'unknown',
          effect: 'warn',
          because: 'held',
          cause: 'local',
          reason: 'ENV_FILE_UNREADABLE',
          output: 'cannot read /etc/application/env-vars (EACCES): let the user health-sidecar read it',
          heldSince: at('03:05:00'),
          heldUntil: at('03:20:00'),
        },
      },
      { status: 'warn' },
    ),
    lines: well,
  },
  'an optional check is blind': {
    document: documentOf(
      {
        ...wellChecks,
        database: {
          ...datastore,
          status: 'unknown',
          effect: 'warn',
          because: 'optional',
          cause: 'local',
          reason: 'CHECK_TIMED_OUT',
          output: 'no result within 2.0 s',
        },
      },
      { status: 'warn' },
    ),
    lines: well,
  },
  failing: {
    document: documentOf({ ...wellChecks, homepage: failing }, { ...since('03:11:40') }),
    lines: failingLines,
  },
  'failing, not proved': {
    document: documentOf(
      { ...wellChecks, migrations: { ...refused, effect: 'fail', because: 'hold-expired' } },
      { ...since('03:13:00') },
    ),
    lines: failingLines,
  },
  draining: {
    document: documentOf(wellChecks, { ...since('03:10:00'), phase: 'draining', drain, serviceId: 'shop' }),
    lines: drainLines,
  },
  'draining for a notice': {
    document: documentOf(wellChecks, {
      ...since('03:13:00'),
      phase: 'draining',
      drain: { reason: 'EC2 will stop this spot instance', by: 'lifecycle', since: at('03:13:00') },
      lifecycle: {
        targetState: 'Terminated',
        spot: { action: 'stop', time: at('03:15:00') },
        rebalance: at('03:01:00'),
        drainedSince: at('03:13:00'),
        reason: 'EC2 will stop this spot instance',
      },
    }),
    lines: drainLines,
  },
  stopping: {
    document: documentOf(wellChecks, {
      ...since('03:13:59'),
      phase: 'draining',
      output: 'draining: SIGTERM',
    }),
    lines: drainLines,
  },
  'configuration refused': {
    document: documentOf(wellChecks, {
      notes: [
        'the configuration is refused, and the one before it stays in force: health-sidecar.yaml:7:17: checks[0].timeout: found "2 secs"; expected a duration above zero such as 2s',
      ],
      probes: {
        sources: probes.sources,
        lint: [
          {
            code: 'drain-wait-too-short',
            message:
              '`drain.wait` is 20.0 s, and ELB-HealthChecker (10.0.1.7) needs 30.0 s to take this host out',
          },
        ],
      },
    }),
    lines: well,
  },
  hostile: {
    document: documentOf(
      { [HOSTILE]: hostileCheck, ['a'.repeat(300)]: { ...hostileCheck, output: 'x'.repeat(700) } },
      {
        status: 'warn',
        releaseId: HOSTILE,
        serviceId: HOSTILE,
        output: HOSTILE,
        notes: [HOSTILE, 'y'.repeat(500)],
        drain: { reason: HOSTILE, by: HOSTILE, since: HOSTILE, until: HOSTILE },
        lifecycle: { targetState: HOSTILE, spot: { action: HOSTILE, time: HOSTILE }, rebalance: HOSTILE },
        probes: {
          sources: [{ address: HOSTILE, checker: HOSTILE, time: HOSTILE, probes: 1, answersInARow: 2 }],
          lint: [{ code: HOSTILE, message: HOSTILE }],
        },
      },
    ),
    lines: linesOf(hostileHistory),
  },
} as const satisfies Readonly<Record<string, State>>
