import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { debianRoot } from '../env/debian-root.ts'
import { bootOnce } from './boot-once.ts'
import type { Seen } from './scenario.ts'

const repo = join(import.meta.dirname, '../../..')
const examples = readdirSync(join(repo, 'systemd/examples'))

const batch = `
[Unit]
After=basic.target dbus.service
Wants=basic.target dbus.service
[Service]
Type=oneshot
ExecStart=/usr/lib/health-sidecar/node /repo/test/real/systemd/scenario.ts ${examples.join(' ')}
ExecStopPost=/bin/sh -c 'journalctl --no-pager >/work/journal; systemctl --no-block poweroff --force'
StandardOutput=file:/work/seen
StandardError=file:/work/errors
`

/** Installs the bundle and the units on a Debian that boots for it, and goes through the scenario there. */
const goThrough = async (): Promise<Seen> => {
  const dir = mkdtempSync(join(tmpdir(), 'booted-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  chmodSync(dir, 0o755)
  execFileSync(process.execPath, ['build.ts', join(dir, 'health-sidecar.js')], { cwd: repo })
  copyFileSync(join(repo, 'packaging/launcher'), join(dir, 'launcher'))
  chmodSync(join(dir, 'launcher'), 0o755)
  writeFileSync(join(dir, 'batch.service'), batch)
  const installed: Readonly<Record<string, string>> = {
    [repo]: '/repo',
    [process.execPath]: '/usr/lib/health-sidecar/node',
    [join(dir, 'health-sidecar.js')]: '/usr/lib/health-sidecar/health-sidecar.js',
    [join(repo, 'packaging/compiled.cjs')]: '/usr/lib/health-sidecar/compiled.cjs',
    [join(dir, 'launcher')]: '/usr/bin/health-sidecar',
    [join(dir, 'batch.service')]: '/etc/systemd/system/batch.service',
    [join(repo, 'systemd/health-sidecar.service')]: '/usr/lib/systemd/system/health-sidecar.service',
    [join(repo, 'systemd/health-sidecar.socket')]: '/usr/lib/systemd/system/health-sidecar.socket',
    [join(repo, 'systemd/sysusers.d/health-sidecar.conf')]: '/usr/lib/sysusers.d/health-sidecar.conf',
  }
  const status = bootOnce(await debianRoot(t), {
    directory: dir,
    files: installed,
    unit: 'batch.service',
    timeoutS: 180,
  })
  const read = (name: string) =>
    existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : `no file ${name}`
  try {
    return JSON.parse(read('seen'))
  } catch {
    const journal = read('journal').split('\n').slice(-60).join('\n')
    throw new Error(`the host ended with ${status} before it was done:\n${read('errors')}\n${journal}`)
  }
}

const seen = await goThrough()

/** How many probes came to other than the outcomes that are expected. */
const othersThan = (outcomes: Readonly<Record<string, number>>, expected: readonly string[]) =>
  Object.fromEntries(Object.entries(outcomes).filter(([outcome]) => !expected.includes(outcome)))

t.test('systemd › starts without the app, says so in words, and serves once the app is there', async t => {
  const { code, withoutApp, properties, probed, withApp } = seen.starts
  t.equal(code, 0, 'it is ready once it listens, whatever the checks say')
  t.match(withoutApp, /^503 starting: page: .*\/run\/app/)
  t.equal(probed, '503')
  t.equal(
    withApp,
    '200 serving',
    "it may use the app's socket by its group, and a file of root's as a credential",
  )
  t.strictSame(properties, {
    '': '',
    ActiveState: 'active',
    Type: 'notify',
    WatchdogUSec: '4s',
    User: 'health-sidecar',
    LimitCORE: '0',
  })
})

t.test('systemd › kill -9 during 200 probes a second refuses no connection, however often', async t => {
  const { outcomes, restarts, socket } = seen.killed
  t.strictSame(
    othersThan(outcomes, ['200', 'ECONNRESET']),
    {},
    'what it had taken already is all that is lost',
  )
  t.ok((outcomes['200'] ?? 0) > 400, `${outcomes['200']} were answered`)
  t.equal(restarts, '7')
  t.equal(socket, 'active')
})

t.test('systemd › a restart loses no probe, and turns none away', async t => {
  t.equal(seen.restarted.code, 0)
  t.strictSame(othersThan(seen.restarted.outcomes, ['200']), {})
})

t.test('systemd › kill -STOP is ended by the watchdog, and what waited is answered', async t => {
  t.strictSame(seen.stopped, {
    restarts: 1,
    status: '200 serving',
    probed: '200',
    said: true,
    notified: true,
  })
})

t.test(
  'systemd › a reload keeps the process, and the watchdog has the time that the checks need',
  async t => {
    const { unit, seldom, often, ...reload } = seen.reloaded
    t.strictSame(reload, { code: 0, status: '200 serving', isSameProcess: true, state: 'active' })
    t.equal(unit, '4s')
    // twice 22 s and the runs of a page and a file
    t.equal(seldom, '44.800000s')
    t.equal(often, '4s')
  },
)

t.test('systemd › a drain is not cut short by the time that the unit gives a stop', async t => {
  t.strictSame(seen.drained, {
    said: '503 draining: SIGTERM',
    probed: '503',
    result: 'success',
    again: '200 serving',
  })
})

t.test('systemd › a wrong configuration is not started again, by nobody, until it is mended', async t => {
  const { restart, outcomes, properties, socket, code, mended } = seen.misconfigured
  t.not(restart.code, 0)
  t.match(
    restart.said,
    /failed because the control process exited with error code/,
    'and not that it was canceled',
  )
  t.match(properties, { ActiveState: 'failed', NRestarts: '0', ExecMainStatus: '78' })
  t.equal(socket, 'inactive')
  t.strictSame(othersThan(outcomes, ['ECONNREFUSED']), {})
  t.equal(code, 0)
  t.equal(mended, '200 serving')
})

t.test('systemd › what cannot start is tried again once a second, until it can', async t => {
  const { tries, mended } = seen.unstartable
  t.ok(tries >= 1 && tries <= 4, `${tries} times in 4 s`)
  t.equal(mended, '200 serving')
})

t.test('systemd › every port of the socket is answered', async t => {
  t.strictSame(seen.withPorts, { code: 0, probed: ['200', '200'], ended: '200 serving' })
})

t.test("systemd › the database's password, or its whole URL, comes from a credential", async t => {
  t.match(seen.credentials['password missing'], /^200 serving: database: .*database-password is empty/)
  t.match(seen.credentials['password'], /^200 serving: database: 127\.0\.0\.1:1\/app refuses the connection/)
  t.match(seen.credentials['env missing'], /^200 serving: database: .*app-env does not set DATABASE_URL/)
  t.match(seen.credentials['env'], /^200 serving: database: 127\.0\.0\.1:1\/app refuses the connection/)
})

t.test('systemd › takes the units without a complaint, and scores them 1.5 at the most', async t => {
  t.match(seen.alone, { code: 0, complaints: [] })
  t.ok(seen.alone.exposure > 0 && seen.alone.exposure <= 1.5, `${seen.alone.exposure}`)
})

t.test('systemd › takes each of the examples', async t => {
  t.ok(examples.includes('django-uwsgi.conf') && examples.includes('django-gunicorn.conf'))
  t.strictSame(
    seen.withExamples.map(({ example }) => example),
    examples,
  )
  for (const { example, code, complaints, exposure, inForce } of seen.withExamples) {
    t.strictSame({ code, complaints, inForce }, { code: 0, complaints: [], inForce: [example] })
    const text = readFileSync(join(repo, 'systemd/examples', example), 'utf8')
    t.match(text, /^# When to use it: /)
    const said = /scores (\d\.\d)|$/.exec(text.replaceAll(/\n# ?/g, ' '))?.[1] ?? '1.5'
    t.ok(exposure <= Number(said), `${example}: ${exposure}`)
  }
})
