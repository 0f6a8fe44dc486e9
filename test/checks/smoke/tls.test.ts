import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import t from 'tap'
import type { Test } from 'tap'
import { errorKind, refusalKind } from '../../../src/connect/tls-problem.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { bytes, page, serve, socketPath } from './fake-server.ts'
import { SHORT_MS, createSmoke, gist, messageOf, runSmoke } from './run-smoke.ts'

const tlsDirectory = join(import.meta.dirname, '../../support/tls')
const fileOf = (name: string) => join(tlsDirectory, name)
const pem = (name: string) => readFileSync(fileOf(name))
const ca_file = fileOf('ca.crt')
const trusting = { verify: true, ca_file }

const listen = async (t: Test, options: ServerOptions, where: object = { host: '127.0.0.1', port: 0 }) => {
  const names: (string | false | null)[] = []
  const server = createServer({ key: pem('server.key'), ...options }, ({ socket }, response) => {
    names.push('servername' in socket ? (socket.servername as string | false) : null)
    response.setHeader('X-Client', 'authorized' in socket ? String(socket.authorized) : '').end('Welcome')
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>(resolve => server.listen(where, resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { target: `https://127.0.0.1:${port}`, port, names }
}

const app = (t: Test, cert = 'server.crt') => listen(t, { cert: pem(cert) })

t.test('https › a page over TLS passes, with the days that its certificate has left', async t => {
  const { target, names } = await app(t)
  const finding = await runSmoke({ target, tls: trusting, host: 'localhost', expect: { body: 'Welcome' } })
  t.match(finding, { status: 'pass', evidence: { target, certificateDaysLeft: Number } })
  t.strictSame(names, ['localhost'], 'the Host is the name that is asked for')
  t.equal(
    gist(await runSmoke({ target, tls: trusting })),
    'pass',
    'the address of the target is in the certificate',
  )
  t.equal(gist(await runSmoke({ target, tls: trusting, method: 'HEAD' })), 'pass')
})

t.test('https › over a Unix socket, and by a name of the target', async t => {
  const path = await socketPath(t)
  await listen(t, { cert: pem('server.crt') }, { path })
  t.equal(gist(await runSmoke({ target: `https+unix:${path}`, tls: trusting })), 'pass')
  const abstract = `health-sidecar-test-${process.pid}`
  await listen(t, { cert: pem('server.crt') }, { path: `\0${abstract}` })
  t.equal(gist(await runSmoke({ target: `https+unix:@${abstract}`, tls: trusting })), 'pass')
})

const certificates: readonly (readonly [cert: string, keys: object, expected: RegExp])[] = [
  ['expired.crt', {}, /^fail SMOKE_CERTIFICATE_EXPIRED: .*renew it/],
  ['future.crt', {}, /^fail SMOKE_CERTIFICATE_NOT_YET_VALID: .*check the clock/],
  [
    'other.crt',
    {},
    /^fail SMOKE_CERTIFICATE_NAME_WRONG: .*it has DNS:other\.example, and not localhost; set tls\.server_name/,
  ],
  ['other.crt', { server_name: 'other.example' }, /^pass/],
  ['server.crt', { ca_file: undefined }, /^fail SMOKE_CERTIFICATE_UNTRUSTED: .*set tls\.ca_file/],
  ['server.crt', { server_name: 'elsewhere.example' }, /^fail SMOKE_CERTIFICATE_NAME_WRONG: .*DNS:localhost/],
  ['server.crt', { ca_file: fileOf('server.crt') }, /^pass/],
]

for (const [cert, keys, expected] of certificates)
  t.test(
    `https › the certificate ${cert} with ${JSON.stringify(keys).replace(tlsDirectory, '')}`,
    async t => {
      const { target, names } = await app(t, cert)
      const { ca_file: ca, ...rest } = { ...trusting, ...keys } as { ca_file?: string; verify: boolean }
      const tls = { ...rest, ...(ca !== undefined && { ca_file: ca }) }
      const finding = await runSmoke({ target, tls, host: 'localhost' })
      t.match(`${gist(finding)}: ${messageOf(finding)}`, expected)
      t.equal(
        names.length,
        finding.status === 'pass' ? 1 : 0,
        'no request goes to a server that is not trusted',
      )
      const unverified = await runSmoke({ target, tls: { verify: false }, host: 'localhost' })
      t.equal(gist(unverified), 'pass', 'any certificate will do without verification')
    },
  )

t.test('https › a self-signed certificate is told as such, and a copy of it is its authority', async t => {
  const support = join(import.meta.dirname, '../../support')
  const cert = readFileSync(`${support}/localhost.crt`)
  const { target } = await listen(t, { cert, key: readFileSync(`${support}/localhost.key`) })
  const finding = await runSmoke({ target, host: 'localhost' })
  t.equal(gist(finding), 'fail SMOKE_CERTIFICATE_SELF_SIGNED')
  t.match(messageOf(finding), /set tls\.ca_file to a copy of it/)
  const tls = { verify: true, ca_file: `${support}/localhost.crt` }
  t.equal(gist(await runSmoke({ target, host: 'localhost', tls })), 'pass')
})

t.test('https › a file of tls is re-read when it changes, and told of when it cannot be used', async t => {
  await using scratch = await createScratchDirectory('health-sidecar-tls-')
  const { target } = await app(t)
  const file = join(scratch.path, 'ca.crt')
  await using check = createSmoke({ target, tls: { verify: true, ca_file: file } })
  const run = async () => {
    const finding = await check.run(AbortSignal.timeout(20_000))
    return `${gist(finding)} ${messageOf(finding)}`
  }
  t.match(await run(), /^unknown SMOKE_TLS_FILE_UNUSABLE cannot read tls\.ca_file .*ca\.crt \(ENOENT\)/)
  writeFileSync(file, 'hello')
  t.match(await run(), /^unknown SMOKE_TLS_FILE_UNUSABLE .*has no certificate in PEM form/)
  writeFileSync(file, '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n')
  t.match(await run(), /^unknown SMOKE_TLS_FILE_UNUSABLE .*damaged/)
  copyFileSync(fileOf('client.crt'), file)
  t.match(await run(), /^fail SMOKE_CERTIFICATE_UNTRUSTED/)
  copyFileSync(ca_file, file)
  t.match(await run(), /^pass/)
  const keys = { verify: true, cert_file: fileOf('client.crt'), key_file: ca_file }
  const unusable = await runSmoke({ target, tls: keys })
  t.match(messageOf(unusable), /tls\.cert_file .* and tls\.key_file .* cannot be used/)
})

t.test('https › a certificate of the client is shown', async t => {
  const options = { cert: pem('server.crt'), ca: pem('ca.crt'), requestCert: true, rejectUnauthorized: false }
  const { target } = await listen(t, options)
  const own = { cert_file: fileOf('client.crt'), key_file: fileOf('server.key') }
  const expect = { headers: { 'X-Client': 'true' } }
  t.equal(gist(await runSmoke({ target, tls: { ...trusting, ...own }, expect })), 'pass')
  t.equal(gist(await runSmoke({ target, tls: trusting, expect })), 'fail SMOKE_HEADER_UNEXPECTED')
})

t.test('https › the versions of TLS must meet', async t => {
  const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  const { target } = await listen(t, { cert: pem('server.crt'), ...old })
  t.equal(gist(await runSmoke({ target, tls: trusting })), 'fail SMOKE_TLS_VERSION')
})

t.test('https › to a port in plain text, and http to a TLS port, name each other', async t => {
  const plain = await serve(t, bytes('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const toPlain = await runSmoke({ target: `https+unix:${plain.path}` })
  t.equal(gist(toPlain), 'fail SMOKE_PROTOCOL_MISMATCH')
  t.match(messageOf(toPlain), /does not speak TLS: it answers the handshake in plain text/)
  // what an OpenSSL server sends at plain text: the alert unexpected_message
  const secure = await serve(t, socket => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 10])))
  const toSecure = await runSmoke({ target: `http+unix:${secure.path}` })
  t.equal(gist(toSecure), 'fail SMOKE_PROTOCOL_MISMATCH')
  t.match(messageOf(toSecure), /write the target as https\+unix:/)
})

t.test('https › a server that closes, or that does not answer the handshake', async t => {
  const closing = await serve(t, socket => socket.destroy())
  const closed = await runSmoke({ target: `https+unix:${closing.path}` })
  t.equal(gist(closed), 'fail SMOKE_TLS_FAILED')
  t.match(messageOf(closed), /closes the connection inside the TLS handshake/)
  const silent = await serve(t, () => {})
  const keys = { target: `https+unix:${silent.path}`, timeoutMs: SHORT_MS }
  t.equal(gist(await runSmoke(keys, keys)), 'unknown SMOKE_TLS_STALLED', 'the app may be busy')
  t.equal(gist(await runSmoke({ ...keys, patience: 0 }, keys)), 'fail SMOKE_TLS_STALLED')
})

t.test('https › a page that is slow or truncated is told as over http', async t => {
  const over = async (respond: (socket: Socket) => void, keys = {}, timeoutMs = 20_000) => {
    const sockets = new Set<Socket>()
    const server = createTlsServer({ cert: pem('server.crt'), key: pem('server.key') }, socket => {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('data', () => respond(socket))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    return gist(
      await runSmoke({ target: `https://127.0.0.1:${port}`, tls: trusting, ...keys }, { timeoutMs }),
    )
  }
  t.equal(await over(page('200 OK', 'Welcome')), 'pass')
  t.equal(
    await over(bytes('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nWel')),
    'fail SMOKE_RESPONSE_CUT_SHORT',
  )
  const same = page('301 Moved Permanently', '', 'Location: https://localhost/\r\n')
  t.equal(
    await over(same, { host: 'localhost' }),
    'fail SMOKE_REDIRECT_HTTPS',
    'the app does not know of TLS',
  )
  t.equal(await over(socket => socket.end()), 'fail SMOKE_CLOSED')
  t.equal(await over(bytes('220 mail\r\n')), 'fail SMOKE_RESPONSE_MALFORMED')
  const begins = (socket: Socket) => void socket.write('HTTP/1.1 200 OK\r\n')
  t.equal(await over(begins, { patience: 0 }, SHORT_MS), 'fail SMOKE_TOO_SLOW')
  t.equal(await over(() => {}, { patience: 0 }, SHORT_MS), 'fail SMOKE_NO_ANSWER')
})

t.test('tls problem › the codes of OpenSSL have their kinds', async t => {
  t.equal(refusalKind('CERT_REVOKED'), 'certificate')
  t.equal(refusalKind('SELF_SIGNED_CERT_IN_CHAIN'), 'unknown-authority')
  const kinds: readonly (readonly [string, string | undefined])[] = [
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client-certificate'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'client-certificate'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'client-certificate'],
    ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', 'name-refused'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'version'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'handshake'],
    ['EPROTO', 'handshake'],
    ['ECONNRESET', undefined],
  ]
  for (const [code, kind] of kinds) t.equal(errorKind(code), kind, code)
})
