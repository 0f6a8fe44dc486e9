import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { LogEvent } from '../../src/log/logger.ts'
import { createSdMessenger } from '../../src/systemd/messenger.ts'

/** A stand-in for systemd-notify, which writes down what it is called with, and then does what the test says. */
const start = async (t: Test, { script = '' } = {}) => {
  const directory = t.testdir()
  const program = join(directory, 'systemd-notify')
  const calls = join(directory, 'calls')
  await writeFile(calls, '')
  const text = `#!/bin/sh\ncd '${directory}' || exit\n{ printf '%s' "$NOTIFY_SOCKET"; printf '|%s' "$@"; echo; } >>calls\n${script}\n`
  await writeFile(program, text)
  await chmod(program, 0o755)
  const events: LogEvent[] = []
  const messenger = createSdMessenger({
    env: { NOTIFY_SOCKET: '/run/systemd/notify', PATH: process.env['PATH'], SECRET: 'x' },
    logger: { log: (_level, event) => void events.push(event) },
    program,
  })
  t.teardown(() => messenger[Symbol.dispose]())
  const called = async () => (await readFile(calls, 'utf8')).split('\n').slice(0, -1)
  const untilCalled = async (times: number): Promise<string[]> => {
    for (let tries = 0; tries < 6000; tries += 1) {
      const lines = await called()
      if (lines.length >= times) return lines
      await delay(10)
    }
    throw new Error(`not called ${times} times within a minute`)
  }
  return { messenger, events, directory, called, untilCalled }
}

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 6000; tries += 1) {
    if (await holds()) return
    await delay(10)
  }
  throw new Error(`not within a minute: ${what}`)
}

t.test('messenger › a message is one call of systemd-notify, with the socket that systemd gave', async t => {
  const { messenger, events, untilCalled } = await start(t)
  messenger.send({ READY: '1', STATUS: "503 it's $(starting)" })
  t.strictSame(await untilCalled(1), ["/run/systemd/notify|READY=1|STATUS=503 it's $(starting)"])
  t.strictSame(events, [])
})

t.test('messenger › one call at a time: of what is said meanwhile, the newest of each', async t => {
  const { messenger, directory, called, untilCalled } = await start(t, {
    script: 'while [ ! -e go ]; do sleep 0.02; done',
  })
  messenger.send({ READY: '1', STATUS: 'a' })
  await untilCalled(1)
  messenger.send({ STATUS: 'b', WATCHDOG: '1' })
  messenger.send({ STATUS: 'c' })
  messenger.send({ STOPPING: '1' })
  t.equal((await called()).length, 1)
  await writeFile(join(directory, 'go'), '')
  const [, ...later] = await untilCalled(2)
  t.strictSame(later, ['/run/systemd/notify|WATCHDOG=1|STATUS=c|STOPPING=1'])
})

t.test('messenger › READY, RELOADING and READY again count in the order in which they were said', async t => {
  const { messenger, directory, untilCalled } = await start(t, {
    script: 'while [ ! -e go ]; do sleep 0.02; done',
  })
  messenger.send({ STATUS: 'a' })
  await untilCalled(1)
  messenger.send({ READY: '1' })
  messenger.send({ RELOADING: '1' })
  messenger.send({ READY: '1' })
  await writeFile(join(directory, 'go'), '')
  t.equal((await untilCalled(2))[1], '/run/systemd/notify|RELOADING=1|READY=1')
})

t.test('messenger › what could not be taken goes out with the next message, and is logged once', async t => {
  const { messenger, events, directory, untilCalled } = await start(t, { script: '[ -e go ]' })
  messenger.send({ READY: '1', STATUS: 'a' })
  await until('it is logged', () => events.length > 0)
  t.match(events, [{ event: 'notify.failed', why: 'exit code 1' }])
  messenger.send({ STATUS: 'b' })
  t.equal((await untilCalled(2))[1], '/run/systemd/notify|READY=1|STATUS=b')
  await until('it has ended', async () => {
    await writeFile(join(directory, 'go'), '')
    messenger.send({ WATCHDOG: '1' })
    return (await untilCalled(2)).some(line => line.includes('READY=1') && line.includes('WATCHDOG=1'))
  })
  t.equal(events.length, 1)
})

t.test('messenger › a program that is not there is logged', async t => {
  const events: LogEvent[] = []
  using messenger = createSdMessenger({
    env: { NOTIFY_SOCKET: '/run/systemd/notify' },
    logger: { log: (_level, event) => void events.push(event) },
    program: '/nowhere/systemd-notify',
  })
  messenger.send({ READY: '1' })
  await until('it is logged', () => events.length > 0)
  t.match(events, [{ event: 'notify.failed', why: 'ENOENT' }])
})

t.test('messenger › disposing ends the call under way, and logs nothing of it', async t => {
  const { messenger, events, directory, untilCalled } = await start(t, {
    script: 'echo $$ >pid; exec sleep 60',
  })
  messenger.send({ STATUS: 'a' })
  await untilCalled(1)
  const pidFile = join(directory, 'pid')
  const pidIn = async () => Number(await readFile(pidFile, 'utf8').catch(() => '0'))
  await until('it runs', async () => (await pidIn()) > 0)
  const pid = await pidIn()
  messenger[Symbol.dispose]()
  messenger.send({ STATUS: 'b' })
  await until('it has ended', () => {
    try {
      process.kill(pid, 0)
      return false
    } catch {
      return true
    }
  })
  t.equal((await untilCalled(1)).length, 1)
  t.strictSame(events, [])
})

t.test('messenger › a call that does not end is killed after 5 s, and what waited goes out', async t => {
  const { messenger, events, untilCalled } = await start(t, {
    script: '[ -e once ] || { >once; exec sleep 60; }',
  })
  messenger.send({ STATUS: 'a' })
  await untilCalled(1)
  await until('it is killed', () => events.length > 0)
  t.match(events, [{ event: 'notify.failed', why: 'ended by SIGKILL' }])
  messenger.send({ WATCHDOG: '1' })
  t.equal((await untilCalled(2))[1], '/run/systemd/notify|STATUS=a|WATCHDOG=1')
})
