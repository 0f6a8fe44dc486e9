import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, readFileSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { folder, gist, messageOf, runEnv } from '../../checks/env/run-env.ts'

const WWW_DATA = 33
const NOBODY = 65_534

/** Runs something as another user would, of those rights that count for files and for /proc. */
const as = async <Result>(uid: number, work: () => Promise<Result>): Promise<Result> => {
  process.setegid?.(uid)
  process.seteuid?.(uid)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
    process.setegid?.(0)
  }
}

const openFolder = (t: Test): string => {
  const dir = folder(t)
  chmodSync(dir, 0o777)
  return dir
}

/** An app that runs until the test ends; `ready` names a file that it writes when it does. */
const start = async (
  t: Test,
  command: readonly [string, ...string[]],
  options: { readonly env: Readonly<Record<string, string>>; readonly uid?: number; readonly ready?: string },
) => {
  const { env, uid = 0, ready } = options
  // Through env(1), as tap adds variables to what a test starts.
  const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const app = spawn('/usr/bin/env', ['-i', ...pairs, ...command], { uid, gid: uid, stdio: 'ignore' })
  const ended = once(app, 'exit')
  t.teardown(async () => {
    app.kill('SIGKILL')
    await ended
  })
  await once(app, 'spawn')
  while (readFileSync(`/proc/${app.pid}/cmdline`, 'latin1').startsWith('/usr/bin/env\0')) await setImmediate()
  if (ready !== undefined) await appearance(ready)
  return app.pid ?? 0
}

const appearance = async (path: string): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = (): void => void (existsSync(path) && readFileSync(path, 'utf8') !== '' && resolve())
  const watcher = watch(join(path, '..'), look)
  look()
  await promise.finally(() => watcher.close())
}

const app = `
def application(environ, start_response):
    start_response('200 OK', [])
    return [b'']
`

/** A real uWSGI, with a master and a worker, that has written its PID file and listens on its socket. */
const startUwsgi = async (
  t: Test,
  options: { readonly env: Readonly<Record<string, string>>; readonly args?: readonly string[] },
) => {
  const dir = openFolder(t)
  const [wsgi, pidFile, socket] = [join(dir, 'app.py'), join(dir, 'pid'), join(dir, 'app.sock')]
  const ready = join(dir, 'ready')
  writeFileSync(wsgi, app)
  const pid = await start(
    t,
    [
      'uwsgi',
      ...`--plugin python3 --wsgi-file ${wsgi} --socket ${socket} --pidfile ${pidFile} --master --need-app`.split(
        ' ',
      ),
      '--hook-accepting1-once',
      `write:${ready} ready`,
      ...(options.args ?? []),
    ],
    { env: { PATH: '/usr/bin:/bin', ...options.env }, ready },
  )
  return { pid, pidFile, socket, dir }
}

t.test('env › process: is readable by its own user and by root, and to others it is unknown', async t => {
  const dir = openFolder(t)
  const pid = await start(t, ['/bin/sleep', '1000'], { env: { A: 'hunter2' }, uid: WWW_DATA })
  const [path, pidFile] = [join(dir, 'env'), join(dir, 'pid')]
  writeFileSync(path, 'A=hunter2\n')
  writeFileSync(pidFile, String(pid))
  const run = () => runEnv({ files: [path], required: ['A'], process: { pid_file: pidFile } })
  t.equal(gist(await run()), 'pass')
  t.equal(gist(await as(WWW_DATA, run)), 'pass')
  const refused = await as(NOBODY, run)
  t.equal(gist(refused), 'unknown ENV_PROCESS_UNREADABLE')
  t.match(messageOf(refused), 'CAP_SYS_PTRACE')
})

t.test(
  'env › a file whose rights are taken away is unknown, and known again when they are given',
  async t => {
    const path = join(openFolder(t), 'env')
    writeFileSync(path, 'A=1\n')
    chownSync(path, WWW_DATA, WWW_DATA)
    const run = () => as(WWW_DATA, () => runEnv({ files: [path], required: ['A'] }))
    t.equal(gist(await run()), 'pass')
    chmodSync(path, 0)
    t.equal(gist(await run()), 'unknown ENV_FILE_UNREADABLE')
    chmodSync(path, 0o600)
    t.equal(gist(await run()), 'pass')
    t.equal(
      gist(await as(NOBODY, () => runEnv({ files: [path], required: ['A'] }))),
      'unknown ENV_FILE_UNREADABLE',
    )
  },
)

t.test('env › process: a uWSGI is found by its PID file and by its socket, and read', async t => {
  const { pid, pidFile, socket, dir } = await startUwsgi(t, { env: { A: '1', B: '2' } })
  const path = join(dir, 'env')
  writeFileSync(path, 'A=1\nB=2\n')
  for (const process of [{ pid_file: pidFile }, { socket }])
    t.match(await runEnv({ files: [path], required: ['A', 'B'], process }), {
      status: 'pass',
      evidence: { process: { pid } },
    })
  writeFileSync(path, 'A=1\nB=2\nC=3\n')
  const finding = await runEnv({ files: [path], required: ['A', 'C'], process: { pid_file: pidFile } })
  t.equal(gist(finding), 'fail ENV_PROCESS_VARIABLE_MISSING')
})

t.test('env › process: a uWSGI that root started for www-data can be read by root alone', async t => {
  const args = ['--uid', 'www-data', '--gid', 'www-data']
  const { pidFile, socket, dir } = await startUwsgi(t, { env: { A: '1' }, args })
  const path = join(dir, 'env')
  writeFileSync(path, 'A=1\n')
  const by = (process: { pid_file: string } | { socket: string }) => () =>
    runEnv({ files: [path], required: ['A'], process })
  t.equal(gist(await by({ pid_file: pidFile })()), 'pass')
  t.equal(gist(await as(WWW_DATA, by({ pid_file: pidFile }))), 'unknown ENV_PROCESS_UNREADABLE')
  t.equal(gist(await as(WWW_DATA, by({ socket }))), 'unknown ENV_PROCESS_UNREADABLE')
})

t.test('env › process: under auto-procname, a name is known or it is unknown, and never missing', async t => {
  const padding = { AA_PADDING: 'x'.repeat(4000) }
  const env = { ...padding, SECRET_KEY: 'hunter2', LAST: '1' }
  const { pid, pidFile, dir } = await startUwsgi(t, { env, args: ['--auto-procname'] })
  t.match(readFileSync(`/proc/${pid}/environ`, 'latin1'), /^ +/, 'the area is written over')
  const path = join(dir, 'env')
  writeFileSync(path, 'SECRET_KEY=hunter2\nLAST=1\nGONE=1\n')
  const run = (...required: string[]) => runEnv({ files: [path], required, process: { pid_file: pidFile } })
  t.equal(gist(await run('SECRET_KEY', 'LAST')), 'pass')
  const finding = await run('LAST', 'GONE')
  t.equal(gist(finding), 'unknown ENV_PROCESS_OVERWRITTEN')
  t.match(messageOf(finding), 'GONE')
  writeFileSync(path, 'SECRET_KEY=hunter3\nLAST=1\n')
  t.equal(gist(await run('SECRET_KEY', 'LAST')), 'warn ENV_PROCESS_OUTDATED')
})
