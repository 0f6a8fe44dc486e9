import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { parseDuration } from '../../../src/config/units.ts'
import { accepts } from '../../support/accepts.ts'
import { freePort } from '../../support/free-port.ts'
import { httpRequest } from '../../support/http-request.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { balancerSettings, lacks, readExample, replaceAll, runProgram } from './example.ts'
import { startSidecarHost } from './sidecar-host.ts'

const skip = lacks('haproxy')
const EXAMPLE = 'haproxy/haproxy.cfg'

t.test('haproxy › the numbers are those of the balancer, with a time-out above the deadline', async t => {
  const example = await readExample(EXAMPLE)
  const settings = await balancerSettings()
  const [, timeout = ''] = /timeout check (\S+)/.exec(example) ?? []
  const server = /inter (\S+) fastinter (\S+) downinter (\S+) rise (\d+) fall (\d+) /.exec(example) ?? []
  const intervalMs = Number(settings['interval']?.[0]) * 1000
  t.equal(parseDuration(timeout), Number(settings['timeout']?.[0]) * 1000)
  t.strictSame(server.slice(1, 4).map(parseDuration), [intervalMs, intervalMs, intervalMs])
  t.strictSame(server.slice(4).map(Number), [
    settings['healthy_threshold']?.[0],
    settings['unhealthy_threshold']?.[0],
  ])
})

t.test('haproxy › takes the example as it is', { skip }, async t => {
  await using scratch = await createScratchDirectory('hs-haproxy-')
  const file = join(scratch.path, 'haproxy.cfg')
  await writeFile(file, await readExample(EXAMPLE))
  t.match(await runProgram(['haproxy', '-c', '-f', file]), { code: 0, stdout: /Configuration file is valid/ })
})

/** Debian's HAProxy. Answers what its statistics say of each server, by its name. */
const startHaproxy = async (t: Test, { path, configuration }: { path: string; configuration: string }) => {
  const file = join(path, 'haproxy.cfg')
  const statistics = join(path, 'stats.sock')
  await writeFile(file, `global\n  stats socket ${statistics} mode 600\n${configuration}`)
  const haproxy = spawn('haproxy', ['-W', '-f', file], { cwd: path, stdio: 'ignore' })
  await once(haproxy, 'spawn')
  t.teardown(async () => {
    if (haproxy.exitCode !== null) return
    haproxy.kill('SIGTERM')
    await once(haproxy, 'exit')
  })
  while (!(await accepts({ path: statistics }))) await delay(20)
  return async (): Promise<Readonly<Record<string, readonly [status: string, check: string]>>> => {
    const socket = connect(statistics)
    socket.end('show stat\n')
    const [head = '', ...lines] = (await text(socket)).split('\n')
    const names = head.split(',')
    const rows = lines.map(line => line.split(','))
    const at = (row: readonly string[], name: string) => row[names.indexOf(name)] ?? ''
    return Object.fromEntries(
      rows.map(row => [at(row, 'svname'), [at(row, 'status'), at(row, 'check_status')]]),
    )
  }
}

/** Waits until a state is reached; tap's own limit ends a wait that is in vain. */
const until = async (isReached: () => Promise<boolean>): Promise<void> => {
  while (!(await isReached())) await delay(50)
}

const startApp = async (t: Test): Promise<number> => {
  const app = createServer((_request, response) => response.end('a page')).listen(0, '127.0.0.1')
  await once(app, 'listening')
  t.teardown(() => app.close())
  return (app.address() as AddressInfo).port
}

t.test('haproxy › takes the host in and out as the sidecar says', { skip }, async t => {
  const host = await startSidecarHost(t)
  const [app, front] = await Promise.all([startApp(t), freePort()])
  const servers = await startHaproxy(t, {
    path: host.scratch.path,
    configuration: replaceAll(await readExample(EXAMPLE), {
      'bind :8000': `bind 127.0.0.1:${front}`,
      'port 80 ': `port ${host.port} `,
      'inter 15s fastinter 15s downinter 15s': 'inter 200ms fastinter 200ms downinter 200ms',
      'slowstart 30s': 'slowstart 1s',
      'server app1 10.0.0.11:8080': `server app1 127.0.0.1:${app}`,
      '    server app2 10.0.0.12:8080\n': '',
    }),
  })
  const becomes = (status: RegExp) => until(async () => status.test((await servers())['app1']?.[0] ?? ''))
  const page = async () => (await httpRequest({ host: '127.0.0.1', port: front })).status

  await becomes(/^DOWN/)
  t.equal(await page(), 503, 'a host that fails gets nothing')
  await host.become('well')
  await becomes(/^UP/)
  t.equal(await page(), 200)
  await host.become('ill')
  await becomes(/^DOWN/)
  t.match(await servers(), { app1: [String, 'L7STS'] })
  await host.become('well')
  await becomes(/^UP/)

  const act = (path: string, body: object) =>
    new Promise<number>((resolve, reject) => {
      const socket = connect(host.sidecar.adminSocket)
      const json = JSON.stringify(body)
      socket.on('error', reject)
      socket.end(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
      )
      text(socket).then(answer => resolve(Number(answer.split(' ')[1])), reject)
    })
  t.equal(await act('/drain', { reason: 'kernel', by: 'a test', forMs: 600_000 }), 200)
  await becomes(/^DOWN/)
  t.pass('a host that is drained is DOWN')
  t.equal(await act('/resume', { by: 'a test' }), 200)
  await becomes(/^UP/)
  t.equal(await page(), 200, 'and UP when it is resumed')
})

const DEFAULTS = `defaults
  mode http
  timeout connect 1s
  timeout server 5s
  timeout check 5s
`

t.test('haproxy › each way to ask is answered, or refused with a line that says why', { skip }, async t => {
  const host = await startSidecarHost(t)
  await host.become('well')
  const at = `127.0.0.1:${host.port} check inter 200ms`
  const get = 'http-check send meth GET uri /health ver HTTP/1.1'
  const servers = await startHaproxy(t, {
    path: host.scratch.path,
    configuration: `
${DEFAULTS}backend options
  option httpchk /health
  server options ${at}
backend head
  option httpchk HEAD /health
  server head ${at}
backend alone
  option httpchk
  server alone ${at}
backend hostless
  option httpchk
  ${get}
  server hostless ${at}
backend proxied
  option httpchk
  ${get} hdr Host x
  server proxied ${at} check-send-proxy
backend http2
  option httpchk
  ${get} hdr Host x
  server http2 ${at} proto h2
backend tls
  option httpchk
  ${get} hdr Host x
  server tls ${at} check-ssl verify none
`,
  })
  const expected = {
    options: /^UP/,
    head: /^UP/,
    alone: /^DOWN/,
    hostless: /^DOWN/,
    proxied: /^DOWN/,
    http2: /^DOWN/,
    tls: /^DOWN/,
  }
  await until(async () => {
    const now = await servers()
    // a server counts as up until its first check
    const isAsked = ['options', 'head'].every(name => now[name]?.[1] === 'L7OK')
    return isAsked && Object.entries(expected).every(([name, status]) => status.test(now[name]?.[0] ?? ''))
  })
  t.match(
    Object.fromEntries(Object.entries(await servers()).map(([name, [status]]) => [name, status])),
    expected,
  )
  const refusals = async () => {
    const lines = (await host.sidecar.log()).split('\n').slice(0, -1)
    return new Set<string>(
      lines
        .map(line => JSON.parse(line))
        .flatMap(({ event, msg }) => (event === 'probe.refused' ? [msg.replace('127.0.0.1', 'x')] : [])),
    )
  }
  // a line is written after its answer
  await until(async () => (await refusals()).size >= 5)
  t.strictSame(
    [...(await refusals())].sort(),
    [
      "answered 400 to x for GET /health with no Host header; let the balancer's health check send one Host header",
      "answered 400 to x for HTTP/2; set the balancer's health check to HTTP/1.1",
      "answered 400 to x for TLS; set the balancer's health check to plain HTTP",
      "answered 400 to x for the PROXY protocol; turn off the PROXY protocol for the balancer's health check",
      "answered 404 to x for OPTIONS /; check the path and method of the balancer's health check",
    ].sort(),
  )
})

t.test('haproxy › by the PROXY protocol, where an address asks for it', { skip }, async t => {
  const proxied = await freePort()
  const host = await startSidecarHost(t, (_scratch, port) => ({
    listen: [`127.0.0.1:${port}`, { address: `127.0.0.1:${proxied}`, proxy_protocol: true }],
  }))
  await host.become('well')
  const check = 'check inter 200ms check-send-proxy'
  const servers = await startHaproxy(t, {
    path: host.scratch.path,
    configuration: `
${DEFAULTS}  option httpchk
  http-check send meth GET uri /health ver HTTP/1.1 hdr Host x
backend v1
  server v1 127.0.0.1:${proxied} send-proxy ${check}
backend v2
  server v2 127.0.0.1:${proxied} send-proxy-v2 ${check}
backend plain
  server plain 127.0.0.1:${proxied} check inter 200ms
backend unasked
  server unasked 127.0.0.1:${host.port} send-proxy ${check}
`,
  })
  const expected = { v1: /^UP/, v2: /^UP/, plain: /^DOWN/, unasked: /^DOWN/ }
  await until(async () => {
    const now = await servers()
    const isAsked = ['v1', 'v2'].every(name => now[name]?.[1] === 'L7OK')
    return isAsked && Object.entries(expected).every(([name, status]) => status.test(now[name]?.[0] ?? ''))
  })
  for (const said of [
    /closed a connection of 127\.0\.0\.1 without an answer: it does not begin with a valid PROXY/,
    /answered 400 to 127\.0\.0\.1 for the PROXY protocol; turn off the PROXY protocol/,
  ]) {
    await until(async () => said.test(await host.sidecar.log()))
    t.pass(said.source)
  }
  await host.become('ill')
  await until(async () => (await servers())['v2']?.[0]?.startsWith('DOWN') === true)
  t.match(
    await servers(),
    { v1: [String, String], v2: [/^DOWN/, 'L7STS'] },
    'a 503 is read behind a header too',
  )
})
