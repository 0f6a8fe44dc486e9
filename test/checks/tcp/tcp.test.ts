import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { DetailedPeerCertificate } from 'node:tls'
import t from 'tap'
import type { Test } from 'tap'
import { firstEndOf } from '../../../src/connect/certificate.ts'
import { judgeCertificate } from '../../../src/checks/tcp/judge-certificate.ts'
import type { TcpConfig } from '../../../src/checks/tcp/config.ts'
import { tcp } from '../../../src/checks/tcp/tcp.ts'
import { serve, socketPath } from '../smoke/fake-server.ts'
import { gist, messageOf } from '../smoke/run-smoke.ts'

const support = 'test/support'
const certificate = {
  cert: readFileSync(`${support}/localhost.crt`),
  key: readFileSync(`${support}/localhost.key`),
}

type TcpKeys = Omit<TcpConfig, 'tls'> & { readonly tls?: Partial<NonNullable<TcpConfig['tls']>> }

const run = async ({ tls, ...keys }: TcpKeys, timeoutMs = 20_000) => {
  const config = { ...keys, ...(tls && { tls: { verify: true, ...tls } }) }
  await using check = tcp.create(config, {} as never)
  return await check.run(AbortSignal.timeout(timeoutMs))
}

const listen = async (t: Test, server: Server): Promise<string> => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

const greeter = (t: Test, greet: (socket: Socket) => void) =>
  listen(
    t,
    createServer(socket => {
      socket.on('error', () => {})
      greet(socket)
    }),
  )

t.test('tcp › what accepts a connection passes', async t => {
  const target = await greeter(t, socket => socket.resume())
  t.match(await run({ target }), { status: 'pass', evidence: { target } })
  const app = await serve(t, () => {})
  t.equal(gist(await run({ target: `unix:${app.path}` })), 'pass')
})

t.test('tcp › what does not accept one has a reason of its own', async t => {
  const server = createServer()
  const target = await listen(t, server)
  await new Promise(resolve => server.close(resolve))
  t.equal(gist(await run({ target })), 'fail TCP_CONNECTION_REFUSED')
  t.equal(gist(await run({ target: `unix:${await socketPath(t)}` })), 'fail TCP_SOCKET_MISSING')
  t.equal(gist(await run({ target: 'nowhere.invalid:80' })), 'unknown TCP_UNREACHABLE')
})

t.test('tcp › a text is sent, and the answer must contain the expected one', async t => {
  const target = await greeter(t, socket => {
    socket.write('+HE')
    socket.on('data', data => socket.write(String(data) === 'PING\r\n' ? 'LLO\r\n+PONG\r\n' : '-ERR\r\n'))
  })
  t.equal(gist(await run({ target, send: 'PING\r\n', expect: '+PONG' })), 'pass')
  t.equal(gist(await run({ target, expect: '+HE' })), 'pass')
  t.equal(gist(await run({ target, send: 'PING\r\n', expect: '+HELLO' })), 'pass', 'over two packets')
  t.equal(gist(await run({ target, send: 'PANG\r\n', expect: '+PONG' }, 200)), 'fail TCP_NO_ANSWER')
})

t.test('tcp › an answer that ends, never ends or never comes is a failure, and shows no text', async t => {
  const gistFor = async (greet: (socket: Socket) => void, timeoutMs?: number) => {
    const finding = await run({ target: await greeter(t, greet), send: 'hunter2', expect: 'x' }, timeoutMs)
    t.notMatch(JSON.stringify(finding), /hunter2/)
    return gist(finding)
  }
  t.equal(await gistFor(socket => socket.end('other')), 'fail TCP_ANSWER_UNEXPECTED')
  t.equal(await gistFor(socket => void socket.write('.'.repeat(70_000))), 'fail TCP_ANSWER_UNEXPECTED')
  t.equal(await gistFor(socket => socket.end()), 'fail TCP_CLOSED')
  t.equal(await gistFor(socket => socket.resume(), 1500), 'fail TCP_NO_ANSWER')
})

t.test('tcp › tls: the certificate is verified, with its days in the evidence', async t => {
  const server = createTlsServer(certificate, socket => {
    socket.on('error', () => {})
    socket.end('secret greeting')
  })
  const target = await listen(t, server)
  const ca_file = `${process.cwd()}/${support}/localhost.crt`
  const tls = { server_name: 'localhost', ca_file }
  t.match(await run({ target, tls, expect: 'greeting' }), {
    status: 'pass',
    evidence: { certificateDaysLeft: Number },
  })
  t.equal(gist(await run({ target, tls: {} })), 'fail TCP_CERTIFICATE_REFUSED', 'another authority')
  const wrongName = await run({ target, tls: { ...tls, server_name: 'other.example' } })
  t.equal(gist(wrongName), 'fail TCP_CERTIFICATE_REFUSED')
  t.match(messageOf(wrongName), /it has .*DNS:localhost, and not other\.example; set tls\.server_name/)
  t.equal(gist(await run({ target, tls: { verify: false }, expect: 'greeting' })), 'pass')
  const missing = await run({ target, tls: { ca_file: '/nowhere/ca.crt' } })
  t.equal(gist(missing), 'unknown TCP_CA_UNREADABLE')
  const plain = await greeter(t, socket => socket.end('220 plain\r\n'))
  const starttls = await run({ target: plain, tls: {} })
  t.equal(gist(starttls), 'fail TCP_TLS_FAILED')
  t.match(messageOf(starttls), /in plain text .*; name its TLS port, because .* \(STARTTLS\)/)
  const silent = await greeter(t, socket => socket.resume())
  t.equal(gist(await run({ target: silent, tls: {} }, 200)), 'fail TCP_TLS_FAILED')
})

t.test('tcp › of a chain of certificates, the one that ends first decides', t => {
  const root = { valid_to: 'Jan  1 00:00:00 2040 GMT' } as DetailedPeerCertificate
  root.issuerCertificate = root
  const middle = { valid_to: 'Mar  2 00:00:00 2027 GMT', issuerCertificate: root } as DetailedPeerCertificate
  const leaf = { valid_to: 'Jan  1 00:00:00 2028 GMT', issuerCertificate: middle } as DetailedPeerCertificate
  t.equal(firstEndOf(leaf).toISOString(), '2027-03-02T00:00:00.000Z')
  t.equal(firstEndOf(root).toISOString(), '2040-01-01T00:00:00.000Z', 'one that has signed itself')
  t.end()
})

t.test('tcp › a certificate warns under 14 days, and fails once it has expired', async t => {
  const now = new Date('2026-01-01T00:00:00Z')
  const judged = (days: number, refusal?: string, lifeDays = 90) => {
    const validUntil = new Date(now.getTime() + days * 86_400_000)
    const validFrom = new Date(validUntil.getTime() - lifeDays * 86_400_000)
    const certificate = { validFrom, validUntil, names: 'DNS:a', refusal }
    return judgeCertificate(certificate, { where: 'a:443', serverName: 'a', now })
  }
  t.match(judged(14), { status: 'pass', evidence: { certificateDaysLeft: 14 } })
  t.equal(gist(judged(13.9)), 'warn TCP_CERTIFICATE_EXPIRES')
  t.equal(gist(judged(3, undefined, 6)), 'pass', 'one that lives for six days')
  t.equal(gist(judged(1.9, undefined, 6)), 'warn TCP_CERTIFICATE_EXPIRES')
  t.equal(gist(judged(0)), 'fail TCP_CERTIFICATE_EXPIRED')
  t.equal(gist(judged(-3, 'CERT_HAS_EXPIRED')), 'fail TCP_CERTIFICATE_EXPIRED')
  t.equal(gist(judged(100, 'CERT_HAS_EXPIRED')), 'fail TCP_CERTIFICATE_EXPIRED', 'that of an authority')
  t.equal(gist(judged(100, 'DEPTH_ZERO_SELF_SIGNED_CERT')), 'fail TCP_CERTIFICATE_REFUSED')
})
