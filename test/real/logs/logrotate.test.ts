import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import type { Test } from 'tap'
import { freePort } from '../../support/free-port.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'
import { until } from './until.ts'

const shipped = readFileSync(resolve('config/logrotate/health-sidecar'), 'utf8')
const run = promisify(execFile)

/** The shipped file for logs in another folder, of who runs the tests; and a `systemctl` that signals that process. */
const rotation = async (t: Test) => {
  const scratch = await createScratchDirectory('health-sidecar-logrotate-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const [logs, bin, asked] = ['logs', 'bin', 'asked'].map(name => join(scratch.path, name)) as [
    string,
    string,
    string,
  ]
  for (const folder of [logs, bin]) mkdirSync(folder)
  const [user, group] = ['-un', '-gn'].map(option =>
    execFileSync('id', [option], { encoding: 'utf8' }).trim(),
  )
  const file = join(scratch.path, 'logrotate.conf')
  const text = shipped
    .replace('/var/log/health-sidecar/', `${logs}/`)
    .replace('/var/log/health-sidecar@*/', `${logs}@*/`)
    .replace('create 0640 health-sidecar health-sidecar', `create 0640 ${user} ${group}`)
  writeFileSync(file, text)
  const signals = (pid: number) => {
    const systemctl = `#!/bin/sh\necho "$@" >>${asked}\ncase $1 in try-reload-or-restart) kill -HUP ${pid};; esac\n`
    writeFileSync(join(bin, 'systemctl'), systemctl)
    chmodSync(join(bin, 'systemctl'), 0o755)
  }
  return {
    scratch,
    logs,
    text,
    signals,
    asked: () => readFileSync(asked, 'utf8'),
    rotate: (...options: readonly string[]) =>
      run('logrotate', ['--state', join(scratch.path, 'state'), ...options, file], {
        env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` },
        timeout: 30_000,
      }),
  }
}

t.test(
  'logrotate › takes the shipped configuration, and has nothing to say where there is no file',
  async t => {
    const { rotate, text, logs } = await rotation(t)
    t.not(text, shipped)
    t.notMatch(text, /\/var\/log/)
    const { stderr } = await rotate('-d', '--force')
    t.notMatch(stderr, /error|unknown/i)
    writeFileSync(join(logs, 'health-sidecar.log'), '{}\n')
    t.match((await rotate('-d', '--force')).stderr, /rotating pattern: .*7 rotations/s)
  },
)

t.test('logrotate › a rotation loses no line of either log, and each goes on in its new file', async t => {
  const { scratch, logs, signals, asked, rotate } = await rotation(t)
  const port = await freePort()
  const sidecar = await startSidecar({
    scratch,
    port,
    config: {
      log: { file: join(logs, 'health-sidecar.log'), probes: `file:${join(logs, 'probes.log')}` },
      drain: { wait: '1ms' },
      checks: [{ name: 'page', type: 'smoke', target: 'http+unix:/nonexistent/app.sock' }],
    },
  })
  t.teardown(() => sidecar[Symbol.asyncDispose]())
  signals(sidecar.pid)

  const over = new AbortController()
  let probes = 0
  const probe = async () => {
    while (!over.signal.aborted) {
      await sidecar.probe()
      probes += 1
    }
  }
  const probing = Promise.all(Array.from({ length: 4 }, probe))
  const isInUse = (name: string) => statSync(join(logs, name)).size > 0
  for (let rotations = 0; rotations <= 4; rotations += 1) {
    if (rotations > 0) await rotate('--force')
    const enough = probes + 50
    await until(
      () => probes >= enough && isInUse('health-sidecar.log') && isInUse('probes.log'),
      () => [readdirSync(logs), probes],
    )
  }
  over.abort()
  await probing
  t.equal(await sidecar.stop(), 0)

  t.match(asked(), /^try-reload-or-restart health-sidecar\.service health-sidecar@\*\.service\n/)
  t.strictSame(
    readdirSync(logs).sort(),
    ['health-sidecar.log', 'probes.log'].flatMap(name => [
      name,
      `${name}.1`,
      ...[2, 3, 4].map(i => `${name}.${i}.gz`),
    ]),
  )
  t.equal(statSync(join(logs, 'probes.log')).mode & 0o777, 0o640)
  const events = (name: string) =>
    readdirSync(logs)
      .filter(file => file.startsWith(name))
      .map(file => ({ file, bytes: readFileSync(join(logs, file)) }))
      .flatMap(({ file, bytes }) => (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().split('\n'))
      .filter(line => line !== '')
      .map((line): unknown => JSON.parse(line).event)
  t.ok(probes > 200)
  t.equal(events('probes').filter(event => event === 'probe.answered').length, probes)
  const own = events('health-sidecar')
  for (const event of ['config.loaded', 'daemon.listening', 'daemon.stopped'])
    t.ok(own.includes(event), event)
  t.notOk(own.includes('log.dropped'))
})
