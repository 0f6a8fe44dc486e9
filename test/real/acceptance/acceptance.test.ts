import t from 'tap'
import type { ReasonCode } from '../../../src/checks/registry.ts'
import type { StatusDocument } from '../../../src/status/status-document.ts'
import { runCommand } from '../../support/run-command.ts'
import { startPostgres } from '../../support/postgres.ts'
import { createDjangoHost } from './django-host.ts'
import type { DjangoHost } from './django-host.ts'

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())

/** `fail REASON` or `unknown REASON` of each check that does not pass. */
type Findings = Readonly<Record<string, `${'fail' | 'unknown'} ${ReasonCode}`>>

const findingsOf = ({ checks }: StatusDocument): Record<string, string> =>
  Object.fromEntries(
    Object.entries(checks)
      .filter(([, [check]]) => check.status !== 'pass')
      .map(([name, [check]]) => [name, `${check.status} ${check.reason}`]),
  )

const isSame = (found: Record<string, string>, expected: Findings): boolean =>
  Object.keys(found).length === Object.keys(expected).length &&
  Object.entries(expected).every(([name, finding]) => found[name] === finding)

const built = await createDjangoHost(postgres)
t.teardown(() => built[Symbol.asyncDispose]())
await built.writeManifest()
await built.manage('migrate')

/** A host on which all is well, but that nothing runs. */
const prepare = async (): Promise<DjangoHost> => {
  const host = await createDjangoHost(postgres, built)
  await host.writeEnv()
  return host
}

interface Trouble {
  /** Makes a prepared host start with something wrong. */
  readonly begin: (host: DjangoHost) => Promise<unknown>
  /** All that is found wrong then, and nothing else. */
  readonly expected: Findings
  /** Puts right what was wrong, and nothing else. */
  readonly mend: (host: DjangoHost) => Promise<unknown>
}

/** A host that starts with this trouble is not admitted, for that reason, and is as soon as the trouble is gone. */
const notAdmitted = (what: string, { begin, expected, mend }: Trouble) =>
  t.test(`a host is not admitted › ${what}`, async t => {
    await using host = await prepare()
    await begin(host)
    await using sidecar = await host.startSidecar()
    const document = await sidecar.waitFor(known => isSame(findingsOf(known), expected))
    t.equal((await sidecar.probe()).status, 503)
    t.match(document, { status: 'fail', phase: 'starting' })

    const { code, stdout } = await runCommand(['check', '--json', '--config', sidecar.configFile])
    t.strictSame(findingsOf(JSON.parse(stdout)), expected)
    t.equal(code, Object.values(expected).some(finding => finding.startsWith('fail')) ? 2 : 3)
    t.equal((await sidecar.probe()).status, 503)

    await mend(host)
    await sidecar.waitFor(({ phase }) => phase === 'serving')
    t.equal((await sidecar.probe()).status, 200)
  })

/** An app that runs with this, and is mended by running without it. */
const appWith = (switches: Readonly<Record<string, string>>) => ({
  begin: (host: DjangoHost) => host.startApp(switches),
  mend: (host: DjangoHost) => host.startApp(),
})

/** A release whose homepage is this, and is mended by being `home` again. */
const homepage = (statement: string) => {
  const welcome = 'return HttpResponse("<h1>Welcome</h1>")'
  return {
    async begin(host: DjangoHost) {
      await host.edit('catalog/views.py', welcome, statement)
      await host.startApp()
    },
    async mend(host: DjangoHost) {
      await host.edit('catalog/views.py', statement, welcome)
      await host.startApp()
    },
  }
}

/** An env file with this variable so, and is mended by having it filled in. */
const apiKey = (value: string | undefined) => ({
  async begin(host: DjangoHost) {
    await host.startApp()
    await host.writeEnv({ API_KEY: value })
  },
  mend: (host: DjangoHost) => host.writeEnv(),
})

t.test('a host is admitted › with the app up, migrated and its environment filled in', async t => {
  await using host = await prepare()
  await host.startApp()
  await using sidecar = await host.startSidecar()
  const document = await sidecar.waitFor(({ phase }) => phase === 'serving')
  const answer = await sidecar.probe()
  t.equal(answer.status, 200)
  t.equal(answer.body, '{"status":"pass"}')
  t.strictSame(findingsOf(document), {})
  const { checks } = document
  t.strictSame(Object.keys(checks), ['homepage', 'by-apps', 'by-manifest', 'env', 'database'])
  t.match(checks['by-apps'], [{ evidence: { applied: 2 } }])
  t.match(checks['by-manifest'], [{ evidence: { applied: 2 } }])
  const { code, stdout } = await runCommand(['check', '--json', '--config', sidecar.configFile])
  t.equal(code, 0)
  t.match(JSON.parse(stdout), { status: 'pass' })
})

notAdmitted("the file of the app's socket is absent", {
  begin: async () => {},
  expected: { homepage: 'fail SMOKE_SOCKET_MISSING' },
  mend: host => host.startApp(),
})

notAdmitted("nobody listens on the app's socket", {
  async begin(host) {
    await host.startApp()
    await host.killApp()
  },
  expected: { homepage: 'fail SMOKE_SOCKET_STALE' },
  mend: host => host.startApp(),
})

notAdmitted('the page answers 500', {
  ...homepage('raise RuntimeError("this release is broken")'),
  expected: { homepage: 'fail SMOKE_STATUS_UNEXPECTED' },
})

notAdmitted('the page answers 400, as Host is not in ALLOWED_HOSTS', {
  ...appWith({ SMOKE_ALLOWED_HOSTS: 'shop.example' }),
  expected: { homepage: 'fail SMOKE_HOST_REJECTED' },
})

notAdmitted('the page answers 301, because of SECURE_SSL_REDIRECT', {
  ...appWith({ SMOKE_SSL_REDIRECT: '1' }),
  expected: { homepage: 'fail SMOKE_REDIRECT_HTTPS' },
})

notAdmitted('the page lacks the text that it must contain', {
  ...homepage('return HttpResponse("<h1>Under construction</h1>")'),
  expected: { homepage: 'fail SMOKE_BODY_UNEXPECTED' },
})

notAdmitted('the release ships one migration more than the table has', {
  async begin(host) {
    await host.startApp()
    await host.add(
      'catalog/migrations/0003_stock.py',
      `from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_price")]
    operations = [migrations.AddField("product", "stock", models.IntegerField(default=0))]
`,
    )
    await host.writeManifest()
  },
  expected: { 'by-apps': 'fail MIGRATIONS_PENDING', 'by-manifest': 'fail MIGRATIONS_PENDING' },
  mend: host => host.manage('migrate'),
})

notAdmitted('the table of migrations is absent', {
  async begin(host) {
    await host.startApp()
    await postgres.query('drop table django_migrations', host)
  },
  expected: { 'by-apps': 'fail MIGRATIONS_TABLE_MISSING', 'by-manifest': 'fail MIGRATIONS_TABLE_MISSING' },
  mend: host => host.manage('migrate', '--fake'),
})

notAdmitted('the database refuses, before the first pass', {
  async begin(host) {
    await host.startApp()
    await postgres.stop()
  },
  expected: {
    'by-apps': 'unknown DATABASE_REFUSED',
    'by-manifest': 'unknown DATABASE_REFUSED',
    database: 'unknown DATABASE_REFUSED',
  },
  mend: () => postgres.start(),
})

notAdmitted('a required variable is missing', {
  ...apiKey(undefined),
  expected: { env: 'fail ENV_VARIABLE_MISSING' },
})

notAdmitted('a required variable is empty', {
  ...apiKey(''),
  expected: { env: 'fail ENV_VARIABLE_EMPTY' },
})

notAdmitted('a required variable is <no value>', {
  ...apiKey('<no value>'),
  expected: { env: 'fail ENV_VARIABLE_PLACEHOLDER' },
})
