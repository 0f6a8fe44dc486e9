import type { Socket } from 'node:net'
import { mkdir, mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { page, serve } from './checks/smoke/fake-server.ts'
import { freePort } from './support/free-port.ts'
import { httpRequest } from './support/http-request.ts'
import { startInProcess } from './support/start-daemon.ts'

/** Resolves once it is true. */
const until = async (isTrue: () => Promise<boolean>): Promise<void> => {
  while (!(await isTrue())) await setImmediate()
}

/** A host on which one daemon with one check follows the other. */
const prepareHost = async (t: Test, check: (directory: string) => object, more: object = {}) => {
  const directory = await mkdtemp(join(tmpdir(), 'health-sidecar-restart-'))
  t.teardown(() => rm(directory, { recursive: true }))
  const port = await freePort()
  const latch = join(directory, 'latch.json')
  return {
    directory,
    latch,
    /** Its text; empty if there is none. */
    readLatch: () => readFile(latch, 'utf8').catch(() => ''),
    start: async () => {
      const { starting } = await startInProcess(t, {
        listen: `127.0.0.1:${port}`,
        admin: { socket: join(directory, 'admin.sock') },
        state_dir: directory,
        startup: { healthy_threshold: 1 },
        checks: [check(directory)],
        ...more,
      })
      return starting
    },
    answers: async (status: number) =>
      (await httpRequest({ host: '127.0.0.1', port, path: '/health' })).status === status,
  }
}

/** The same, with a check of a file of variables. It needs `A`. */
const prepareEnvHost = async (t: Test) => {
  const fileIn = (directory: string) => join(directory, 'env')
  const host = await prepareHost(t, directory => ({
    name: 'env',
    type: 'env',
    files: [fileIn(directory)],
    required: ['A'],
    fresh_for: '1ms',
  }))
  return { ...host, file: fileIn(host.directory) }
}

t.test('daemon › a restart makes no failing host pass, although it cannot look', async t => {
  const { file, readLatch, start, answers } = await prepareEnvHost(t)

  await writeFile(file, 'A=1\n')
  const first = await start()
  await until(() => answers(200))
  await writeFile(file, 'B=1\n')
  await until(() => answers(503))
  await until(async () => (await readLatch()).includes('"failing":[{'))
  await first[Symbol.asyncDispose]()

  await rm(file)
  await mkdir(file)
  await start()
  t.ok(await answers(503), 'at once')
  await rmdir(file)
  await writeFile(file, 'A=1\n')
  await until(() => answers(200))
})

t.test('daemon › a restart does not count anew for how long an app has been silent', async t => {
  let respond: (socket: Socket) => void = page('200 OK', '')
  const app = await serve(t, socket => respond(socket))
  const { latch, readLatch, start, answers } = await prepareHost(t, () => ({
    name: 'page',
    type: 'smoke',
    target: `http+unix:${app.path}`,
    fresh_for: '1ms',
    timeout: '50ms',
    patience: '1h',
  }))

  const first = await start()
  await until(() => answers(200))
  respond = () => {}
  const silence = /"silent":\[\{"name":"page","silentForMs":\d+/
  await until(async () => {
    await answers(200)
    return silence.test(await readLatch())
  })
  await first[Symbol.asyncDispose]()
  // as if many had done the same
  const text = await readLatch()
  await writeFile(latch, text.replace(silence, `"silent":[{"name":"page","silentForMs":${10 * 3_600_000}`))
  await start()
  await until(() => answers(503))
  t.ok(await answers(503), 'it is stuck at once')
})

t.test('daemon › a restart does not begin a hold anew', async t => {
  const { file, latch, readLatch, start, answers } = await prepareEnvHost(t)
  const heldFor = /"held":\[\{"name":"env","cause":"local","heldForMs":(\d+)/
  const heldForMs = async () => Number(heldFor.exec(await readLatch())?.[1] ?? 0)

  await writeFile(file, 'A=1\n')
  let daemon = await start()
  await until(() => answers(200))
  await rm(file)
  await mkdir(file)
  for (let before = 0, restarts = 0; restarts < 3; restarts += 1) {
    await until(async () => {
      t.ok(await answers(200))
      return (await heldForMs()) > before + 50
    })
    before = await heldForMs()
    await daemon[Symbol.asyncDispose]()
    if (restarts < 2) daemon = await start()
  }
  // as if many had done the same
  const text = await readLatch()
  const held = '"held":[{"name":"env","cause":"local","heldForMs":3600000'
  await writeFile(latch, text.replace(heldFor, held))
  await start()
  t.ok(await answers(503), 'nothing has been known for longer than `hold`')
  await rmdir(file)
  await writeFile(file, 'A=1\n')
  await until(() => answers(200))
})

t.test('daemon › restarts that come before a run can end do not count anew either', async t => {
  let respond: (socket: Socket) => void = page('200 OK', '')
  const app = await serve(t, socket => respond(socket))
  const check = () => ({
    name: 'page',
    type: 'smoke',
    target: `http+unix:${app.path}`,
    fresh_for: '1ms',
    timeout: '1h',
  })
  const { readLatch, start, answers } = await prepareHost(t, check, { deadline: '50ms' })
  const silentForMs = async () => Number(/"silentForMs":(\d+)/.exec(await readLatch())?.[1] ?? 0)
  let daemon = await start()
  await until(() => answers(200))
  respond = () => {}
  for (let before = 0, restarts = 0; restarts < 3; restarts += 1) {
    await until(async () => {
      t.ok(await answers(200))
      return (await silentForMs()) >= before + 50
    })
    before = await silentForMs()
    await daemon[Symbol.asyncDispose]()
    daemon = await start()
  }
})
