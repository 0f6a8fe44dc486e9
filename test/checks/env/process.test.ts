import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { fingerprint, parseEnviron } from '../../../src/checks/env/environ.ts'
import { createEnvCheck } from '../../../src/checks/env/env-check.ts'
import { parseStat } from '../../../src/checks/env/find-process.ts'
import { judgeProcess } from '../../../src/checks/env/judge-process.ts'
import { folder, gist, later, messageOf, runEnv } from './run-env.ts'

/** A program that runs until the test ends, started with exactly this environment. */
const start = async (t: Test, env: Readonly<Record<string, string>>, script = '') => {
  const ready = `process.stdout.write('ready'); setInterval(() => {}, 1e6)`
  const child = spawn(process.execPath, ['-e', script || ready], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // with it, whatever it has started that writes to the same pipe
  const ended = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  await once(child.stdout, 'data')
  child.stdout.resume()
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
  }
  return { pid: child.pid ?? 0, stop }
}

const names = (area: string) => {
  const { fingerprints, overwritten } = parseEnviron(Buffer.from(area))
  return { names: [...fingerprints.keys()], overwritten }
}

const known = (value: string) => ({ kind: 'known', value, line: 1, exported: true }) as const

const files = (t: Test, text: string, pid: number) => {
  const dir = folder(t)
  const [path, pidFile] = [join(dir, 'env'), join(dir, 'pid')]
  writeFileSync(path, text)
  writeFileSync(pidFile, `${pid}\n`)
  return { path, pidFile }
}

t.test('env › process: passes when the app was started with what the files hold', async t => {
  const { pid } = await start(t, { A: 'hunter2', B: 'é' })
  const { path, pidFile } = files(t, 'A=hunter2\nB=é\n', pid)
  const finding = await runEnv({ files: [path], required: ['A', 'B'], process: { pid_file: pidFile } })
  t.match(finding, { status: 'pass', evidence: { process: { pid } } })
})

t.test('env › process: a required name that the app was started without is a fail', async t => {
  const { pid } = await start(t, { A: '1' })
  const { path, pidFile } = files(t, 'A=1\nB=hunter2\n', pid)
  const finding = await runEnv({ files: [path], required: ['A', 'B'], process: { pid_file: pidFile } })
  t.equal(gist(finding), 'fail ENV_PROCESS_VARIABLE_MISSING')
  t.match(messageOf(finding), `process ${pid} was started without B; restart the app`)
})

t.test(
  'env › process: a value that differs is a warning with both times, names of the contract, and no value',
  async t => {
    const { pid } = await start(t, { A: 'hunter1', OTHER: 'hunter1', UNSET: 'x' })
    const { path, pidFile } = files(t, 'A=hunter2\nOTHER=hunter2\n', pid)
    const config = { files: [path], required: ['A'], process: { pid_file: pidFile } }
    const inAMinute = Date.now() / 1000 + 60
    utimesSync(path, inAMinute, inAMinute)
    const outdated = await runEnv(config)
    t.equal(gist(outdated), 'warn ENV_PROCESS_OUTDATED')
    t.match(
      messageOf(outdated),
      /runs on an older environment \(A, 1 not declared\): started \d{4}.*Z, files written \d{4}.*Z/,
    )
    t.match(outdated, {
      evidence: { process: { differing: ['A'], startedAt: String, filesWrittenAt: String } },
    })
    utimesSync(path, 1e9, 1e9)
    const differs = await runEnv(config)
    t.equal(gist(differs), 'warn ENV_PROCESS_DIFFERS')
    t.notMatch(JSON.stringify([outdated, differs]), /hunter|OTHER/)
  },
)

t.test('env › process: what is wrong with the files stays in front of a warning', async t => {
  const { pid } = await start(t, { A: '1' })
  const { path, pidFile } = files(t, 'A=2\n', pid)
  const finding = await runEnv({ files: [path], required: ['A', 'B'], process: { pid_file: pidFile } })
  t.equal(gist(finding), 'fail ENV_VARIABLE_MISSING')
  t.match(messageOf(finding), /^missing: B; process \d+/)
})

t.test(
  'env › process: one that is just ending has no environment any more, and does not count as running',
  async t => {
    const stat = (state: string, memoryBytes: number) =>
      `7 (a) (b) ${state} 3 7 7 0 -1 4194560 5 0 0 0 1 2 0 0 20 0 1 0 123456 ${memoryBytes} 99`
    t.strictSame(parseStat(7, stat('S', 2_646_016)), { pid: 7, parent: 3, startedAtTicks: 123_456 })
    t.equal(parseStat(7, stat('Z', 0)), undefined)
    t.equal(parseStat(7, stat('R', 0)), undefined)
    t.equal(parseStat(7, ''), undefined)
  },
)

t.test('env › process: gone, of another, or not to be found is each unknown', async t => {
  const { pid, stop } = await start(t, { A: '1' })
  const { path, pidFile } = files(t, 'A=1\n', pid)
  const now = async () =>
    gist(await runEnv({ files: [path], required: ['A'], process: { pid_file: pidFile } }))
  t.equal(await now(), 'pass')
  utimesSync(pidFile, 1e9, 1e9)
  t.equal(await now(), 'unknown ENV_PROCESS_REUSED')
  await stop()
  t.equal(await now(), 'unknown ENV_PROCESS_NOT_FOUND')
  writeFileSync(pidFile, 'hunter2')
  t.equal(await now(), 'unknown ENV_PROCESS_NOT_FOUND')
  rmSync(pidFile)
  t.equal(await now(), 'unknown ENV_PROCESS_NOT_FOUND')
})

t.test(
  'env › process: is found by the socket that it listens on, and is the master of those that do',
  async t => {
    const dir = folder(t)
    const socket = join(dir, 'app.sock')
    const path = join(dir, 'env')
    writeFileSync(path, 'A=1\n')
    const worker = 'process.stdin.resume().on("end", () => process.exit())'
    const master = `
      const server = require('node:net').createServer().listen(${JSON.stringify(socket)}, () => {
        require('node:child_process')
          .spawn(process.execPath, ['-e', ${JSON.stringify(worker)}], { env: {}, stdio: ['pipe', 'inherit', 'inherit', server._handle.fd] })
          .on('spawn', () => process.stdout.write('ready'))
      })`
    const { pid, stop } = await start(t, { A: '1' }, master)
    await using check = createEnvCheck(
      { files: [path], required: ['A'], process: { socket } },
      { wallClock: later },
    )
    const signal = AbortSignal.timeout(10_000)
    t.match(await check.run(signal), { status: 'pass', evidence: { process: { pid } } })
    await stop()
    rmSync(socket)
    // an ordinary user cannot look into every process, and so cannot tell that none listens
    t.match(gist(await check.run(signal)), /^unknown ENV_PROCESS_(NOT_FOUND|UNREADABLE)$/)
  },
)

t.test('environ › takes the names that are whole, and says when the area was written over', async t => {
  t.strictSame(names('A=1\0B=\0A=2\0'), { names: ['A', 'B'], overwritten: false })
  t.strictSame(names('     \0RET_KEY=x\0B=1\0'), { names: ['B'], overwritten: true })
  t.strictSame(names('\0\0\0\0RET_KEY=x\0B=1\0'), { names: ['B'], overwritten: true })
  t.strictSame(names('      '), { names: [], overwritten: true })
  t.strictSame(names(''), { names: [], overwritten: false })
  t.equal(parseEnviron(Buffer.from('A=é\0A=2\0')).fingerprints.get('A'), fingerprint('é'), 'the first counts')
})

t.test(
  'env › process: with its environment written over, an absent name is unknown and a present one is known',
  async t => {
    const running = { ...parseEnviron(Buffer.from('    \0X=\0B=1\0')), pid: 7, startedAtMs: 0 }
    const judge = (required: string[]) =>
      gist(
        judgeProcess(running, {
          variables: new Map([
            ['A', known('1')],
            ['B', known('1')],
          ]),
          required,
          declared: ['A', 'B'],
          writtenAtMs: 0,
        }),
      )
    t.equal(judge(['A']), 'unknown ENV_PROCESS_OVERWRITTEN')
    t.equal(judge(['B']), 'pass')
  },
)

t.test('env › process: a unit that systemd does not know, or no systemd, is unknown', async t => {
  const path = join(folder(t), 'env')
  writeFileSync(path, 'A=1\n')
  const finding = await runEnv({ files: [path], required: ['A'], process: { unit: 'no-such-unit.service' } })
  t.equal(gist(finding), 'unknown ENV_PROCESS_NOT_FOUND')
})
