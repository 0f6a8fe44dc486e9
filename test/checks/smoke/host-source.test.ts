import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import t from 'tap'
import type { Test } from 'tap'
import { page, serve, socketPath } from './fake-server.ts'
import { createSmoke, gist, messageOf, runSmoke } from './run-smoke.ts'

const hostsOf = (requests: readonly Buffer[]) =>
  requests.map(request => /^host: (.*)\r$/im.exec(String(request))?.[1])

t.test('smoke host › file:/path is read anew for every run', async t => {
  const app = await serve(t, page('200 OK', ''))
  const file = await socketPath(t)
  const config = { target: `http+unix:${app.path}`, host: `file:${file}` }
  await writeFile(file, '10.0.0.7\n')
  t.equal(gist(await runSmoke(config)), 'pass')
  await writeFile(file, '10.0.0.8\n')
  t.equal(gist(await runSmoke(config)), 'pass')
  t.strictSame(hostsOf(app.requests), ['10.0.0.7', '10.0.0.8'])
})

t.test(
  'smoke host › a file that is missing, is none, or holds something else is unknown, and nothing is sent',
  async t => {
    const app = await serve(t, page('200 OK', ''))
    const file = await socketPath(t)
    const run = (path: string) => runSmoke({ target: `http+unix:${app.path}`, host: `file:${path}` })
    const missing = await run(file)
    t.equal(gist(missing), 'unknown SMOKE_HOST_UNKNOWN')
    t.match(messageOf(missing), /cannot read .*: ENOENT/)
    t.equal(gist(await run('/tmp')), 'unknown SMOKE_HOST_UNKNOWN')
    await writeFile(file, 'octopus.energy\r\nX-Password: hunter2\n')
    const wrong = await run(file)
    t.equal(gist(wrong), 'unknown SMOKE_HOST_UNKNOWN')
    t.notMatch(JSON.stringify(wrong), /hunter2/)
    await writeFile(file, '')
    t.equal(gist(await run(file)), 'unknown SMOKE_HOST_UNKNOWN')
    t.equal(app.requests.length, 0)
  },
)

t.test('smoke host › a pipe that nobody writes to is unknown, and keeps nobody waiting', async t => {
  const app = await serve(t, page('200 OK', ''))
  const pipe = `${app.path}.pipe`
  execFileSync('mkfifo', [pipe])
  const finding = await runSmoke({ target: `http+unix:${app.path}`, host: `file:${pipe}` })
  t.equal(gist(finding), 'unknown SMOKE_HOST_UNKNOWN')
  t.match(messageOf(finding), /app\.sock\.pipe is not a file/)
})

type Reply = readonly [status: number, text: string] | 'silence'

/** An instance metadata service on loopback. Each reply is to the next request. */
const metadataService = async (t: Test, replies: readonly Reply[]) => {
  const seen: string[] = []
  const server = createServer((request: IncomingMessage, response) => {
    const { headers } = request
    const token =
      headers['x-aws-ec2-metadata-token'] ??
      ['ttl', headers['x-aws-ec2-metadata-token-ttl-seconds']].join(' ')
    const reply = replies[seen.length] ?? 'silence'
    seen.push(`${request.method} ${request.url} ${String(token)}`)
    if (reply !== 'silence') response.writeHead(reply[0]).end(reply[1])
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, seen }
}

const asked = {
  token: 'PUT /latest/api/token ttl 21600',
  address: (token: string) => `GET /latest/meta-data/local-ipv4 ${token}`,
}

/** Runs a check `runs` times whose Host comes from that service. */
const runWith = async (
  t: Test,
  { endpoint, runs = 1 }: { readonly endpoint: string; readonly runs?: number },
) => {
  const app = await serve(t, page('200 OK', ''))
  const config = { target: `http+unix:${app.path}`, host: 'imds:local-ipv4' }
  await using check = createSmoke(config, { imdsEndpoint: endpoint })
  const findings = []
  for (let i = 0; i < runs; i++) findings.push(await check.run(AbortSignal.timeout(60_000)))
  return { findings, hosts: hostsOf(app.requests) }
}

t.test(
  'smoke host › imds:local-ipv4 asks for a token, then for the address, and keeps the address',
  async t => {
    const { endpoint, seen } = await metadataService(t, [
      [200, 'one'],
      [200, '10.0.0.7'],
    ])
    const { findings, hosts } = await runWith(t, { endpoint, runs: 3 })
    t.strictSame(findings.map(gist), ['pass', 'pass', 'pass'])
    t.strictSame(hosts, ['10.0.0.7', '10.0.0.7', '10.0.0.7'])
    t.strictSame(seen, [asked.token, asked.address('one')])
  },
)

t.test('smoke host › imds: a token is kept, and renewed where it has expired', async t => {
  const { endpoint, seen } = await metadataService(t, [
    [200, 'one'],
    [500, ''],
    [401, ''],
    [200, 'two'],
    [200, '10.0.0.7'],
  ])
  const { findings } = await runWith(t, { endpoint, runs: 2 })
  t.strictSame(findings.map(gist), ['unknown SMOKE_HOST_UNKNOWN', 'pass'])
  t.strictSame(seen, [
    asked.token,
    asked.address('one'),
    asked.address('one'),
    asked.token,
    asked.address('two'),
  ])
})

t.test('smoke host › imds: what it refuses, or cannot tell, is unknown and says why', async t => {
  const told = async (replies: readonly Reply[]) => {
    const { endpoint } = await metadataService(t, replies)
    const [finding] = (await runWith(t, { endpoint })).findings
    return finding ? `${gist(finding)}: ${messageOf(finding)}` : ''
  }
  t.match(await told([[403, '']]), /^unknown SMOKE_HOST_UNKNOWN: .*turned off.*403/)
  t.match(
    await told([
      [200, 'one'],
      [404, ''],
    ]),
    /^unknown SMOKE_HOST_UNKNOWN: .*answered 404/,
  )
  t.match(
    await told([
      [200, 'one'],
      [200, '<html>'],
    ]),
    /^unknown SMOKE_HOST_UNKNOWN: .*without an IPv4 address/,
  )
  t.match(
    await told([
      [200, 'one'],
      [401, ''],
      [200, 'two'],
      [401, ''],
    ]),
    /^unknown SMOKE_HOST_UNKNOWN: .*answered 401/,
  )
})

t.test('smoke host › imds: a service that is silent or absent is unknown after a second at most', async t => {
  const { endpoint } = await metadataService(t, ['silence'])
  const startedAt = performance.now()
  const silent = await runWith(t, { endpoint })
  t.ok(performance.now() - startedAt < 20_000)
  t.strictSame(silent.findings.map(gist), ['unknown SMOKE_HOST_UNKNOWN'])
  const absent = await runWith(t, { endpoint: 'http://127.0.0.1:1' })
  t.strictSame(absent.findings.map(gist), ['unknown SMOKE_HOST_UNKNOWN'])
  t.match(absent.findings.map(messageOf)[0], /ECONNREFUSED/)
})

t.test('smoke host › imds: an answer of more than 4 KiB is not read', async t => {
  const { endpoint } = await metadataService(t, [
    [200, 'one'],
    [200, '1'.repeat(5000)],
  ])
  const { findings } = await runWith(t, { endpoint })
  t.strictSame(findings.map(gist), ['unknown SMOKE_HOST_UNKNOWN'])
  t.match(findings.map(messageOf)[0], /answered with more than 4096 bytes/)
})
