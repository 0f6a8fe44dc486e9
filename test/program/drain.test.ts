import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { userInfo } from 'node:os'
import t from 'tap'
import type { Test } from 'tap'
import { freePort } from '../support/free-port.ts'
import { httpRequest } from '../support/http-request.ts'
import { runAsNobody, runInProcess } from '../support/run-in-process.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'

const me = userInfo().username

/** A host whose only check passes, and a sidecar that a test starts. */
const host = async (t: Test) => {
  const scratch = await createScratchDirectory('health-sidecar-drain-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  await writeFile(join(scratch.path, 'env'), 'A=1\n')
  const port = await freePort()
  const checks = [
    {
      name: 'env',
      type: 'env',
      files: [join(scratch.path, 'env')],
      required: ['A'],
      interval: '200ms',
      fresh_for: '50ms',
    },
  ]
  const start = () =>
    startSidecar({
      scratch,
      port,
      config: { startup: { healthy_threshold: 1 }, drain: { wait: '0s' }, checks },
    })
  const config = join(scratch.path, 'health-sidecar.yaml')
  const command = (name: string, ...more: readonly string[]) =>
    runInProcess([name, '--config', config, ...more])
  return { scratch, start, command, config, marker: join(scratch.path, 'drain.json') }
}

t.test('drain › without a reason, without an end, or with a strange one is wrong usage', async t => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--for', '30m'], /needs --reason TEXT/],
    [['--reason', ' ', '--for', '30m'], /needs --reason TEXT/],
    [['--reason', 'kernel'], /needs an end: --for 30m, or else --until-resumed/],
    [['--reason', 'kernel', '--for', '30m', '--until-resumed'], /not both/],
    ...['soon', '0s', '-5m', '30', '400d', ''].map(
      duration =>
        [['--reason', 'kernel', '--for', duration], /--for: found .*; expected a duration/] as const,
    ),
  ]
  for (const [args, err] of cases) t.match(await runInProcess(['drain', ...args]), { code: 64, out: '', err })
})

t.test(
  'drain › 503 at once, audited, over a restart; resume › 200 at once; both can be repeated',
  async t => {
    const { start, command, marker } = await host(t)
    const first = await start()
    await first.waitFor(({ phase }) => phase === 'serving')
    const drained = await command('drain', '--reason', 'kernel', '--for', '30m')
    t.match(drained, {
      code: 0,
      out: /^draining: 503 from now on until \d{4}-.*Z \(kernel, by .+\)\na load balancer notices .* 150 s .*\nwarning: a scaling group replaces/,
      err: '',
    })
    t.match(await first.probe(), { status: 503 })
    const { drain, phase } = await first.status()
    t.match(
      { drain, phase },
      { phase: 'draining', drain: { reason: 'kernel', by: me, since: /Z$/, until: /Z$/ } },
    )
    await first.logged(/"event":"drain.started".*"reason":"kernel","by":".+","until":"/)
    t.match(
      (await command('status')).out,
      /^DRAINING {2}503 .*\ntrouble: nobody's: taken out on purpose \(kernel, by .*\n/,
    )

    const again = await command('drain', '--reason', 'disk', '--until-resumed', '--json')
    t.match([again.code, JSON.parse(again.out)], [0, { drain: { reason: 'disk', by: me } }])
    t.notMatch(again.out, 'until')
    t.match(JSON.parse(await readFile(marker, 'utf8')), { reason: 'disk', untilResumed: true })
    await first.stop()

    await using second = await start()
    t.match(await second.status(), { phase: 'draining', output: 'draining: disk', drain: { by: me } })
    t.match(await command('resume'), { code: 0, out: 'resumed: answering 200 (serving)\n', err: '' })
    t.match(await second.probe(), { status: 200 })
    await second.logged(/"event":"drain.resumed".*"by":"/)
    t.notOk(existsSync(marker))
    t.match(await command('resume'), {
      code: 0,
      out: 'nothing to resume, as no operator has drained this host: answering 200 (serving)\n',
    })
    await command('drain', '--reason', 'disk', '--until-resumed')
    const { body } = await httpRequest({ socketPath: second.adminSocket, path: '/history' })
    const last = body.split('\n').findLast(line => line.includes('"event":"drain"'))
    t.match(last, /"reason":"disk"/)
    t.notMatch(JSON.parse(last ?? '{}'), { by: me }, 'nobody has resumed it')
  },
)

t.test('drain and resume › with the daemon down, the marker is written and removed, and said so', async t => {
  const { start, command, marker } = await host(t)
  await (await start()).stop()
  t.match(await command('drain', '--reason', 'kernel', '--for', '30m'), {
    code: 0,
    out: /^no daemon answers on .*\(ENOENT\): is the daemon running\?\nwrote .*drain\.json: a daemon answers 503 until /,
    err: '',
  })
  await using sidecar = await start()
  t.match(await sidecar.status(), { phase: 'draining', drain: { reason: 'kernel', by: me } })
  await sidecar.stop()
  t.match(await command('resume', '--json'), { code: 0, out: /"removed": ".*drain\.json"/ })
  t.match(await command('resume'), { code: 0, out: /\nnothing to resume: .*drain\.json does not exist; / })
  t.notOk(existsSync(marker))
})

t.test('drain › a daemon that hangs is not waited for, and drains when it goes on', async t => {
  const { start, command } = await host(t)
  await using sidecar = await start()
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  process.kill(sidecar.pid, 'SIGSTOP')
  t.teardown(() => sidecar.stop())
  try {
    t.match(await command('drain', '--reason', 'stuck', '--for', '30m'), {
      code: 0,
      out: /\(ETIMEDOUT\).*\nwrote /,
    })
    t.match(await command('status'), {
      code: 3,
      err: /\(ETIMEDOUT\): no answer in 4000 ms; the daemon hangs/,
    })
    t.match(await command('reload'), { code: 3, err: /in 4000 ms; .*; nothing was reloaded\n$/ })
  } finally {
    process.kill(sidecar.pid, 'SIGCONT')
  }
  await sidecar.waitFor(({ output }) => output === 'draining: stuck')
})

t.test('drain, resume, reload and status › without permission: 3, and what to do', async t => {
  const { start, config, scratch } = await host(t)
  await using sidecar = await start()
  await chmod(sidecar.adminSocket, 0)
  await chmod(scratch.path, 0o755)
  await chmod(config, 0o644)
  const drain = ['drain', '--config', config, '--reason', 'kernel', '--for', '30m']
  for (const args of [
    drain,
    ['resume', '--config', config],
    ['reload', '--config', config],
    ['status', '--config', config],
  ])
    t.match(await runAsNobody(args), {
      code: 3,
      out: '',
      err: /\(EACCES\): this user may not open it; use sudo/,
    })
  await chmod(sidecar.adminSocket, 0o660)
  t.match(await sidecar.status(), { drain: undefined })
})

t.test('drain and resume › neither a daemon nor a place for the marker: 3', async t => {
  const { scratch } = await host(t)
  const config = join(scratch.path, 'nowhere.yaml')
  await mkdir(join(scratch.path, 'drain.json'))
  await writeFile(config, `admin: { socket: ${scratch.path}/none.sock }\nstate_dir: ${scratch.path}\n`)
  const args = ['drain', '--config', config, '--reason', 'kernel', '--for', '1h']
  t.match(await runInProcess(args), {
    code: 3,
    out: '',
    err: /^health-sidecar: not drained: no daemon .* cannot write .* either \(E/,
  })
  t.match(await runInProcess(['resume', '--config', config]), {
    code: 3,
    err: /not resumed: .* cannot remove .* either \(/,
  })
})

t.test('reload › 0 if it was taken, 78 with the mistakes if not, 3 without a daemon', async t => {
  const { start, command, config } = await host(t)
  const sidecar = await start()
  t.match(await command('reload'), { code: 0, out: 'unchanged: the same configuration\n', err: '' })
  const before = await readFile(config, 'utf8')
  await writeFile(config, before.replace('200ms', '300ms'))
  t.match(await command('reload'), { code: 0, out: 'taken: the configuration is in force\n' })
  await writeFile(config, before.replace('200ms', 'soon'))
  t.match(await command('reload'), {
    code: 78,
    out: '',
    err: /^\S+health-sidecar\.yaml:\d+:\d+: .*"soon".*\nrefused: the previous configuration stays in force\n$/,
  })
  const refused = await command('reload', '--json')
  t.match(JSON.parse(refused.out), { kind: 'refused', mistakes: [/"soon"/] })
  await sidecar.logged(/"event":"config.reload".*"by":"/)
  await writeFile(config, 'checks: [')
  const usual = { env: { HEALTH_SIDECAR_ADMIN_SOCKET: sidecar.adminSocket } }
  t.match(await runInProcess(['reload', '--config', config], usual), {
    code: 78,
    err: /\nrefused: the previous/,
  })
  t.match((await sidecar.status()).notes, [/is refused/], 'the daemon knows')
  await writeFile(config, before)
  await sidecar.stop()
  t.match(await command('reload'), {
    code: 3,
    out: '',
    err: /no daemon answers on .*\(ENOENT\): is the daemon running\? If .* `admin.socket` .*, restart/,
  })
})
