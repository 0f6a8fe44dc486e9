import t from 'tap'
import type { ReasonCode } from '../../src/checks/registry.ts'
import type { StatusDocument } from '../../src/status/status-document.ts'
import type { Host } from './support/boot-host.ts'
import { eventually } from './support/eventually.ts'
import { whileProbed } from './support/prober.ts'
import { readyHost } from './support/ready-host.ts'
import { answers, CONFIG, DROP_INS, probe, statusOf } from './support/sidecar.ts'
import { envFile, manage, release, VARIABLES } from './support/shop.ts'

const { host, receiver } = await readyHost(t)

type Act = (host: Host) => Promise<unknown>

interface Breakage {
  /** What is done to the host that serves. */
  readonly begin: Act
  readonly check: 'homepage' | 'migrations' | 'env' | 'database'
  /** What the check finds, whatever else is found. */
  readonly finding: `fail ${ReasonCode}` | `unknown ${ReasonCode}`
  /** Puts it right again. */
  readonly mend: Act
}

const sh =
  (script: string): Act =>
  host =>
    host.sh(script)

/** Writes the env file anew as consul-template does, and puts it back as it was. */
const env = (changes: Readonly<Record<string, string | undefined>>) => ({
  begin: (host: Host) => host.write('/etc/application/env-vars', envFile(changes)),
  mend: (host: Host) => host.write('/etc/application/env-vars', envFile()),
})

const VIEWS = '/srv/app/current/catalog/views.py'
const RESTART = 'systemctl restart app.service'

/** Deploys another index page, and puts it back. */
const page = (statement: string) => ({
  begin: sh(`cp ${VIEWS} /root/views.py; sed -i 's/^    return .*/    ${statement}/' ${VIEWS}; ${RESTART}`),
  mend: sh(`cp /root/views.py ${VIEWS}; ${RESTART}`),
})

const found = ({ checks }: StatusDocument, name: string): string => {
  const check = checks[name]?.[0]
  return `${check?.status} ${check?.reason ?? ''}`.trim()
}

/**
 * Breaks what serves, and mends it. A failure is proof against this host, and is answered by 503. An unknown is none, and the
 * host goes on serving: not one probe is answered otherwise. Either is logged once with its reason, and the line is with
 * the aggregator in a moment.
 */
const breakage = (what: string, { begin, check, finding, mend }: Breakage) =>
  t.test(what, async t => {
    const [status, reason] = finding.split(' ')
    const since = receiver.lines.length
    const isFoundOut = async () => {
      const document = await eventually(() => statusOf(host), {
        what: finding,
        isReached: known => found(known, check) === finding,
      })
      t.equal(document.phase, 'serving')
      const line = await receiver.waitFor({ event: 'check.changed', check, status, reason }, { since })
      t.match(line, { level: status === 'fail' ? 'error' : 'warn', host: 'web-1', release: /./, time: /Z$/ })
      if (status !== 'fail') return
      t.equal(await answers(host, 503), 503)
      const verdict = await receiver.waitFor({ event: 'verdict.changed', status: 'fail' }, { since })
      t.match(verdict, { failing: [check] })
    }
    const breakAndMend = async () => {
      try {
        await begin(host)
        await isFoundOut()
      } finally {
        await mend(host)
      }
      const mended = { event: 'verdict.changed', status: 'pass' }
      await receiver.waitFor(mended, { since })
      await eventually(() => statusOf(host), { what: 'a pass', isReached: known => known.status === 'pass' })
    }
    const { sent, statuses } = await whileProbed(host, { perSecond: 20, doing: breakAndMend })
    if (status === 'unknown') t.strictSame(statuses, { 200: sent })
    else t.ok(statuses[503], 'probes are answered 503')
    t.equal(await probe(host), 200, 'and 200 once it is mended')
  })

breakage('the app is stopped', {
  begin: sh('systemctl stop app.service'),
  check: 'homepage',
  finding: 'fail SMOKE_SOCKET_STALE',
  mend: sh('systemctl start app.service'),
})

breakage("the app's socket is removed under it", {
  begin: sh('rm /run/app/uwsgi.sock'),
  check: 'homepage',
  finding: 'fail SMOKE_SOCKET_MISSING',
  mend: sh(RESTART),
})

breakage("the right to the app's socket is taken away", {
  begin: sh('chmod 600 /run/app/uwsgi.sock'),
  check: 'homepage',
  finding: 'unknown SMOKE_SOCKET_FORBIDDEN',
  mend: sh('chmod 660 /run/app/uwsgi.sock'),
})

breakage('the page is an error', {
  ...page('raise RuntimeError("broken")'),
  check: 'homepage',
  finding: 'fail SMOKE_STATUS_UNEXPECTED',
})

breakage('the page is another', {
  ...page('return HttpResponse("Closed for maintenance")'),
  check: 'homepage',
  finding: 'fail SMOKE_BODY_UNEXPECTED',
})

breakage('the page takes too long', {
  ...page('import time; time.sleep(90)'),
  check: 'homepage',
  finding: 'fail SMOKE_NO_ANSWER',
})

breakage('the app cannot be imported', {
  begin: sh(`echo 'import nothing_of_that_name' >>/srv/app/current/shop/wsgi.py; ${RESTART}`),
  check: 'homepage',
  finding: 'fail SMOKE_APP_NOT_LOADED',
  mend: sh(`sed -i '$d' /srv/app/current/shop/wsgi.py; ${RESTART}`),
})

breakage('the app is configured for another name', {
  begin: async host => {
    await host.write('/etc/application/env-vars', envFile({ ALLOWED_HOSTS: 'www.example.com' }))
    await host.sh(RESTART)
  },
  check: 'homepage',
  finding: 'fail SMOKE_HOST_REJECTED',
  mend: async host => {
    await host.write('/etc/application/env-vars', envFile())
    await host.sh(RESTART)
  },
})

breakage('a migration is taken back', {
  begin: sh(manage('migrate -v 0 orders 0001')),
  check: 'migrations',
  finding: 'fail MIGRATIONS_PENDING',
  mend: sh(manage('migrate -v 0')),
})

const psql =
  (statements: string): Act =>
  host =>
    host.sh('cd /; runuser -u postgres -- psql -q -v ON_ERROR_STOP=1 -d shop', { stdin: statements })

breakage('the migrations table is gone', {
  begin: psql('alter table django_migrations rename to elsewhere'),
  check: 'migrations',
  finding: 'fail MIGRATIONS_TABLE_MISSING',
  mend: psql('alter table elsewhere rename to django_migrations'),
})

breakage('a migration is on disk that the build did not know of', {
  begin: sh(
    'cp /srv/app/current/orders/migrations/0002_placed.py /srv/app/current/orders/migrations/0003_hotfix.py',
  ),
  check: 'migrations',
  finding: 'fail MIGRATIONS_MANIFEST_STALE',
  mend: sh('rm /srv/app/current/orders/migrations/0003_hotfix.py'),
})

breakage('a variable is missing', {
  ...env({ PAYMENT_KEY: undefined }),
  check: 'env',
  finding: 'fail ENV_VARIABLE_MISSING',
})

breakage('a variable is empty', {
  ...env({ PAYMENT_KEY: '' }),
  check: 'env',
  finding: 'fail ENV_VARIABLE_EMPTY',
})

breakage('a variable is what a template leaves for a missing key', {
  ...env({ PAYMENT_KEY: '<no value>' }),
  check: 'env',
  finding: 'fail ENV_VARIABLE_PLACEHOLDER',
})

breakage('the env file is malformed', {
  begin: host =>
    host.write(
      '/etc/application/env-vars',
      `${envFile()}export PAYMENT_KEY=x\n`.replace(/^PAYMENT.*\n/m, ''),
    ),
  check: 'env',
  finding: 'fail ENV_VARIABLE_MISSING',
  mend: host => host.write('/etc/application/env-vars', envFile()),
})

breakage('the env file is gone', {
  begin: sh('mv /etc/application/env-vars /root'),
  check: 'env',
  finding: 'fail ENV_FILE_MISSING',
  mend: sh('mv /root/env-vars /etc/application'),
})

breakage('the env file may not be read', {
  begin: sh('chmod 600 /etc/application/env-vars'),
  check: 'env',
  finding: 'unknown ENV_FILE_UNREADABLE',
  mend: sh('chmod 640 /etc/application/env-vars'),
})

breakage("the database refuses the app's password", {
  begin: psql(`
    alter role shop password 'another';
    select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shop'`),
  check: 'database',
  finding: 'unknown DATABASE_AUTHENTICATION_FAILED',
  mend: psql("alter role shop password 'hunter2'"),
})

breakage('the database is down', {
  begin: sh('systemctl stop postgresql.service'),
  check: 'database',
  finding: 'unknown DATABASE_REFUSED',
  mend: sh('systemctl start postgresql.service'),
})

t.test('another release has to prove itself, and with the next migration it does', async t => {
  const since = receiver.lines.length
  await host.sh(`
    cp /usr/local/src/shop/orders/migrations/0002_placed.py /usr/local/src/shop/orders/migrations/0003_more.py
    sed -i 's/0001_initial/0002_placed/; s/"placed"/"packed"/' /usr/local/src/shop/orders/migrations/0003_more.py
    ${release('2026.11.2')}
    ln -sfn releases/2026.11.2 /srv/app/current
    ${RESTART}`)
  t.equal(await answers(host, 503), 503)
  t.match(await receiver.waitFor({ event: 'release.changed' }, { since }), { previous: '2026.11.1' })
  const line = { event: 'check.changed', release: '2026.11.2', reason: 'MIGRATIONS_PENDING' }
  t.match(await receiver.waitFor(line, { since }), { evidence: { pending: ['orders.0003_more'] } })
  t.match(await statusOf(host), { phase: 'starting', releaseId: '2026.11.2' })
  await host.sh(manage('migrate -v 0'))
  t.equal(await answers(host, 200), 200)
  t.match(await statusOf(host), { phase: 'serving', status: 'pass' })
})

t.test(
  'an app that was not restarted after a variable was added is found out by its own environment',
  async t => {
    const config = CONFIG.replace(
      'PAYMENT_KEY]',
      'PAYMENT_KEY, MAIL_KEY]\n    process: { unit: app.service }',
    )
    await host.write('/etc/application/env-vars', envFile({ MAIL_KEY: 'mk-live-77b0' }))
    await host.write('/etc/health-sidecar/health-sidecar.yaml', config)
    await host.sh(`
    cp /usr/share/doc/health-sidecar/examples/systemd/process-environment.conf ${DROP_INS}
    systemctl daemon-reload
    systemctl restart health-sidecar.service`)
    const since = receiver.lines.length
    t.equal(await answers(host, 503), 503)
    const line = { event: 'check.changed', check: 'env', reason: 'ENV_PROCESS_VARIABLE_MISSING' }
    t.match(await receiver.waitFor(line, { since }), { status: 'fail', msg: /MAIL_KEY/ })
    await host.sh(RESTART)
    t.equal(await answers(host, 200), 200)
  },
)

t.test('every line that has arrived is complete, and none holds the value of a variable', async t => {
  t.strictSame(receiver.damaged, [])
  t.ok(receiver.lines.length > 100, `of ${receiver.lines.length} lines`)
  const all = JSON.stringify(receiver.lines)
  for (const secret of ['hunter2', VARIABLES.SECRET_KEY, VARIABLES.PAYMENT_KEY, 'mk-live-77b0'])
    t.notOk(all.includes(secret), 'is in no line')
  t.equal(await probe(host), 200)
})
