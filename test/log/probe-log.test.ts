import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { ManualClock } from '../support/manual-clock.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { createProbeLog } from '../../src/log/probe-log.ts'

const start = (t: Test, probes: string) => {
  const told: LogEvent[] = []
  const clock = new ManualClock()
  const probeLog = createProbeLog(probes, {
    logger: { log: (_level, event) => void told.push(event) },
    release: () => 'v1',
    clock,
  })
  t.teardown(() => probeLog[Symbol.asyncDispose]())
  const answer = (status: 200 | 503, userAgent?: string): void => {
    const request = new IncomingMessage(new Socket())
    if (userAgent !== undefined) request.headers['user-agent'] = userAgent
    probeLog.onProbe(status, request)
  }
  const refuse = (status: number, target?: string): void => {
    const socket = new Socket()
    const request = target === undefined ? undefined : new IncomingMessage(socket)
    if (request) Object.assign(request, { method: 'GET', url: target })
    probeLog.onRefused({ status, socket, request })
  }
  return { probeLog, answer, refuse, told, clock }
}

t.test('probe log › changes: an answer that differs from the last one', async t => {
  const { answer, told, probeLog } = start(t, 'changes')
  for (const status of [503, 503, 200, 200, 503] as const) answer(status)
  t.strictSame(
    told.map(({ httpStatus }) => httpStatus),
    [503, 200, 503],
  )
  await probeLog.reopen()
  t.equal(probeLog.dropped(), 0)
})

t.test('probe log › an IPv4 client is told by its own address', t => {
  const { probeLog, told } = start(t, 'all')
  for (const remoteAddress of ['::ffff:10.0.0.1', '10.0.0.2', '2001:db8::1']) {
    const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
    probeLog.onProbe(200, new IncomingMessage(socket))
  }
  t.strictSame(
    told.map(event => event['remoteAddress']),
    ['10.0.0.1', '10.0.0.2', '2001:db8::1'],
  )
  t.end()
})

t.test('probe log › all, or none', async t => {
  const [all, none] = [start(t, 'all'), start(t, 'none')]
  for (const { answer } of [all, none]) for (let i = 0; i < 3; i += 1) answer(200)
  t.equal(all.told.length, 3)
  t.strictSame(none.told, [])
})

t.test('probe log › changes: refused requests are logged once a minute for each status', async t => {
  const { refuse, told, clock } = start(t, 'changes')
  refuse(404, '/healthz?token=s3cret')
  for (let i = 0; i < 1000; i += 1) refuse(404, '/')
  refuse(400)
  await clock.advance(59_999)
  refuse(404, '/')
  t.match(told, [
    { event: 'probe.refused', httpStatus: 404, method: 'GET', path: '/healthz', unlogged: 0 },
    { event: 'probe.refused', httpStatus: 400, unlogged: 0, msg: /^answered 400 .* not valid HTTP; / },
  ])
  t.equal(told.length, 2)
  await clock.advance(1)
  refuse(404, '/')
  t.match(told[2], { httpStatus: 404, path: '/', unlogged: 1001 })
  t.notMatch(JSON.stringify(told), 's3cret')
})

t.test(
  'probe log › a refusal whose cause is known says what to do, once a minute for each cause',
  async t => {
    const { probeLog, refuse, told } = start(t, 'changes')
    refuse(400)
    for (const refusedFor of ['HTTP/2', 'TLS', 'the PROXY protocol', 'HTTP/2'] as const)
      probeLog.onRefused({ status: 400, socket: new Socket(), refusedFor })
    t.strictSame(
      told.slice(1).map(({ msg }) => msg),
      [
        "answered 400 to a local client for HTTP/2; set the balancer's health check to HTTP/1.1",
        "answered 400 to a local client for TLS; set the balancer's health check to plain HTTP",
        "answered 400 to a local client for the PROXY protocol; turn off the PROXY protocol for the balancer's health check",
      ],
    )
  },
)

t.test('probe log › all: each refused request; none: no line', async t => {
  const [all, none] = [start(t, 'all'), start(t, 'none')]
  for (const { refuse } of [all, none]) for (let i = 0; i < 3; i += 1) refuse(404, 'http://u:s3cret@x/')
  t.equal(all.told.length, 3)
  t.notMatch(JSON.stringify(all.told), 's3cret')
  t.strictSame(none.told, [])
})

t.test('probe log › in a file of its own, whatever a client calls itself', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'health-sidecar-probe-log-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'probes.log')
  const { probeLog, answer, told } = start(t, `file:${file}`)
  const hostile = '"}\n{"event":"forged"}\u0085\u009b31m\u0000'
  await probeLog.opened
  answer(200, hostile)
  await rename(file, `${file}.1`)
  await probeLog.reopen()
  answer(503, 'x'.repeat(10_000))
  await probeLog[Symbol.asyncDispose]()
  t.strictSame(told, [], 'the main log has none of it')
  const lines = await Promise.all(
    [`${file}.1`, file].map(async path => (await readFile(path, 'utf8')).split('\n')),
  )
  t.strictSame(
    lines.map(({ length }) => length),
    [2, 2],
  )
  const [first, second] = lines.map(([line]) => JSON.parse(line ?? ''))
  t.match(first, { event: 'probe.answered', httpStatus: 200, userAgent: hostile, release: 'v1' })
  t.notMatch(lines[0]?.[0], /\p{Cc}/u)
  t.match(second, { httpStatus: 503, userAgent: 'x'.repeat(100) })
})

t.test('probe log › the main log is told that its file cannot be reopened', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'health-sidecar-probe-log-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const inner = join(folder, 'inner')
  await mkdir(inner)
  const file = join(inner, 'probes.log')
  const { probeLog, told } = start(t, `file:${file}`)
  await probeLog.opened
  await rename(inner, join(folder, 'moved'))
  await probeLog.reopen()
  t.match(told, [{ event: 'log.reopen_failed', code: 'ENOENT', file }])
})

t.test('probe log › a 500 is no fault of the health check', t => {
  const { probeLog, told } = start(t, 'changes')
  const request = Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url: '/health' })
  probeLog.onRefused({ status: 500, socket: request.socket, request, error: new TypeError('s3cret') })
  t.match(
    told[0]?.msg,
    /^answered 500 to a local client for GET \/health; the program itself broke: TypeError at .*; report it$/,
  )
  t.notMatch(JSON.stringify(told), /s3cret/)
  t.end()
})
