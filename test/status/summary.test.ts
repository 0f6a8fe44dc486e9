import t from 'tap'
import type { CheckDocument, StatusDocument } from '../../src/status/status-document.ts'
import { summaryOf } from '../../src/status/summary.ts'

const now = new Date('2026-11-26T03:14:00Z')
const at = (time: string) => `2026-11-26T${time}.000Z`

const pass: CheckDocument = { status: 'pass', componentType: 'component' }
const fail: CheckDocument = {
  ...pass,
  status: 'fail',
  reason: 'SMOKE_STATUS_UNEXPECTED',
  output: '500 for GET /',
}
const unknown: CheckDocument = {
  ...pass,
  status: 'unknown',
  effect: 'warn',
  because: 'held',
  reason: 'DATABASE_REFUSED',
  output: '10.0.1.5:5432 refuses connections',
  heldSince: at('03:11:50'),
}

const document = (
  checks: Record<string, CheckDocument>,
  more: Partial<StatusDocument> = {},
): StatusDocument => ({
  status: 'pass',
  phase: 'serving',
  version: '1',
  since: '2026-11-22T23:02:00.000Z',
  checks: Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, [check]])),
  ...more,
})

t.test('summary › all is well: in service, since when, and nothing else', async t => {
  t.strictSame(summaryOf(document({ page: pass }), now), { state: 'SERVING', answer: '200 for 3d4h' })
})

t.test('summary › a proved failure is this host’s, whatever is unknown beside it', async t => {
  t.strictSame(
    summaryOf(document({ page: fail, database: { ...unknown, effect: 'fail' } }, { status: 'fail' }), now),
    {
      state: 'FAILING',
      answer: '503 for 3d4h',
      kind: 'own',
      whose: "this host's: page, database",
      next: '503 until they pass',
      check: 'page',
      toDo: 'page: 500 for GET /',
    },
  )
})

t.test('summary › a hold that has expired is not called proved', async t => {
  const expired = { ...unknown, effect: 'fail', because: 'hold-expired' } as const
  t.match(summaryOf(document({ database: expired }, { status: 'fail' }), now), {
    state: 'FAILING',
    kind: 'unproved',
    whose: "not proved to be this host's: database",
  })
})

t.test('summary › a shared cause: not this host’s, and do not replace it', async t => {
  const shared = { ...unknown, cause: 'shared' } as const
  const dependent = { ...unknown, reason: 'DEPENDENCY_NOT_PASSING' }
  t.strictSame(summaryOf(document({ page: dependent, database: shared }, { status: 'warn' }), now), {
    state: 'SERVING',
    answer: '200 for 3d4h',
    kind: 'shared',
    whose: "not this host's: something that all hosts use (database)",
    next: 'it holds for as long as that lasts',
    check: 'database',
    toDo: 'repair what all hosts use; do not replace this host',
  })
  t.match(
    summaryOf(document({ page: dependent }, { status: 'warn' }), now)?.whose,
    'all hosts use (page)',
    'what it depends on passes again',
  )
})

t.test('summary › a busy app: add capacity', async t => {
  const busy = { ...unknown, cause: 'busy' } as const
  t.match(summaryOf(document({ page: busy }, { status: 'warn' }), now), {
    kind: 'busy',
    whose: "the load's: the app is slow, but makes progress (page)",
    toDo: 'add capacity; do not replace this host',
  })
})

t.test('summary › a local unknown: until when it holds, and what keeps the sidecar from looking', async t => {
  const local = { ...unknown, heldUntil: at('03:26:50'), output: 'cannot read /etc/app (EACCES)' }
  t.match(summaryOf(document({ env: local }, { status: 'warn' }), now), {
    kind: 'local',
    whose: 'not known: the sidecar cannot look (env)',
    next: 'the hold ends in 12m50s, at 03:26:50Z',
    toDo: 'env: cannot read /etc/app (EACCES)',
  })
})

t.test('summary › what others depend on tells what is wrong, not they', async t => {
  const dependent = { ...unknown, effect: 'fail', reason: 'DEPENDENCY_NOT_PASSING' } as const
  const root = { ...unknown, effect: 'fail' } as const
  for (const phase of ['starting', 'serving'] as const) {
    const life = { status: 'fail', phase } as const
    t.match(summaryOf(document({ page: dependent, migrations: root }, life), now), {
      kind: 'unproved',
      check: 'migrations',
      toDo: 'migrations: 10.0.1.5:5432 refuses connections',
    })
    t.match(summaryOf(document({ page: dependent }, life), now), { check: 'page' })
    t.match(summaryOf(document({ page: dependent, env: fail }, life), now), { kind: 'own', check: 'env' })
  }
})

t.test('summary › a start: the rounds to go, and what is in their way', async t => {
  const startup = { rounds: 1, needed: 5 }
  const life = { status: 'fail', phase: 'starting', startup } as const
  t.strictSame(summaryOf(document({ page: pass }, { ...life, since: at('03:13:30') }), now), {
    state: 'STARTING',
    answer: '503 for 30s',
    next: '200 after the start: 4 more rounds must pass (1 of 5 have)',
  })
  t.match(summaryOf(document({ page: fail }, life), now), {
    whose: "this host's: page",
    next: '503 until it passes; then 4 more rounds must pass (1 of 5 have)',
    toDo: 'page: 500 for GET /',
  })
  t.match(summaryOf(document({ page: pass }, { ...life, startup: { rounds: 4, needed: 5 } }), now), {
    next: '200 after the start: 1 more round must pass (4 of 5 have)',
  })
})

t.test('summary › a drain: by whom, why, and what ends it', async t => {
  const drain = { reason: 'kernel', by: 'alice', since: at('03:10:00'), until: at('03:44:00') }
  const life = { status: 'fail', phase: 'draining' } as const
  t.strictSame(summaryOf(document({ page: fail }, { ...life, drain }), now), {
    state: 'DRAINING',
    answer: '503 for 3d4h',
    kind: 'purpose',
    whose: "nobody's: taken out on purpose (kernel, by alice, since 03:10:00Z)",
    next: 'the drain ends in 30m, at 03:44:00Z',
    toDo: '`health-sidecar resume` puts the host back',
  })
  t.match(summaryOf(document({ page: pass }, { ...life, drain: { reason: 'kernel' } }), now), {
    next: 'stays out until `health-sidecar resume`',
  })
  const ofShop = document({ page: pass }, { ...life, drain: { reason: 'kernel' }, serviceId: 'shop' })
  t.match(summaryOf(ofShop, now), {
    next: 'stays out until `health-sidecar --app shop resume`',
    toDo: '`health-sidecar --app shop resume` puts the host back',
  })
  const long = { reason: 'kernel', since: '2026-11-25T23:00:00.000Z', until: '2026-11-27T23:00:00.000Z' }
  t.match(summaryOf(document({ page: pass }, { ...life, drain: long }), now), {
    whose: "nobody's: taken out on purpose (kernel, since 2026-11-25 23:00:00Z)",
    next: 'the drain ends in 1d19h, at 2026-11-27 23:00:00Z',
  })
})

t.test('summary › a notice that takes the host out: whose, and that resume does not end it', async t => {
  const reason = 'EC2 will stop this spot instance at 2026-11-26T03:15:00Z'
  const lifecycle = { drainedSince: at('03:13:00'), reason }
  const drain = { reason, by: 'lifecycle', since: at('03:13:00') }
  const drained = document({ page: pass }, { status: 'fail', phase: 'draining', drain, lifecycle })
  t.match(summaryOf(drained, now), {
    state: 'DRAINING',
    whose: `nobody's: ${reason}, since 03:13:00Z`,
    next: 'stays out until that is withdrawn; `health-sidecar resume` does not end it',
    toDo: undefined,
  })
  const both = { ...drained, drain: { reason: 'kernel', by: 'alice', until: at('03:24:00') } }
  t.match(summaryOf(both, now), {
    whose: "nobody's: taken out on purpose (kernel, by alice)",
    next: `the drain ends in 10m, at 03:24:00Z; it stays out even then: ${reason}`,
    toDo: undefined,
  })
})
