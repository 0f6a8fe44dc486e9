import { chmod, stat } from 'node:fs/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { Finding } from '../../../src/core/finding.ts'
import { accepts } from '../../support/accepts.ts'
import { gist, messageOf, runSmoke } from '../../checks/smoke/run-smoke.ts'
import type { SmokeKeys } from '../../checks/smoke/run-smoke.ts'
import { serverKinds } from './app-servers.ts'
import { follow } from './follow-advice.ts'
import { DoesNotListen, startUwsgi } from './servers.ts'
import type { Switches } from './servers.ts'
import { troubles } from './troubles.ts'

const switches: Switches = {
  SMOKE_ALLOWED_HOSTS: 'octopus.energy,www.octopus.energy',
  SMOKE_SSL_REDIRECT: '1',
  SMOKE_PROXY_SSL_HEADER: '1',
}

const usual = { host: 'octopus.energy', headers: { 'X-Forwarded-Proto': 'https' } }

/** Does what the messages say, one step after the other. */
const followed = async (finding: Finding, keys: SmokeKeys, steps = 3): Promise<Finding> => {
  const next = follow(messageOf(finding), keys)
  if (finding.status === 'pass' || steps === 0 || !next) return finding
  return await followed(await runSmoke(next), next, steps - 1)
}

const isRoot = process.getuid?.() === 0

const asNobody = async (keys: SmokeKeys): Promise<Finding> => {
  process.seteuid?.('nobody')
  try {
    return await runSmoke(keys)
  } finally {
    process.seteuid?.(0)
  }
}

/** The socket's own troubles, and at last the server is gone. */
const testSocket = async (
  t: Test,
  server: { ask: Pick<SmokeKeys, 'target'>; socket: string; kill(): Promise<void> },
) => {
  const { ask, socket } = server
  const keys = { ...ask, ...usual }
  if (isRoot) {
    const { mode } = await stat(socket)
    await chmod(socket, 0o600)
    const forbidden = await asNobody(keys)
    t.equal(gist(forbidden), 'unknown SMOKE_SOCKET_FORBIDDEN')
    t.match(messageOf(forbidden), /give its user write permission on the socket and search permission/)
    await chmod(socket, 0o666)
    await chmod(socket.replace(/[^/]*$/, ''), 0o755)
    t.equal(gist(await asNobody(keys)), 'pass', 'once it has them')
    await chmod(socket, mode)
  }
  await server.kill()
  // a process that was killed listens until the kernel has ended it
  while (await accepts({ path: socket })) await new Promise(setImmediate)
  const gone = await runSmoke(keys)
  t.equal(gist(gone), 'fail SMOKE_SOCKET_STALE')
  t.match(messageOf(gone), /the app has died and left the file behind; see the app's log and start it/)
  const elsewhere = await runSmoke({ ...keys, target: `${ask.target}-other` })
  t.equal(gist(elsewhere), 'fail SMOKE_SOCKET_MISSING')
  t.match(messageOf(elsewhere), /the app is not running, or listens elsewhere; start it, or correct the path/)
}

for (const kind of serverKinds)
  t.test(`smoke › of ${kind.name}`, async t => {
    const server = await kind.start(t, switches)
    for (const trouble of troubles) {
      if (trouble.only && trouble.only !== kind.framework) continue
      const { what, timeoutMs } = trouble
      const { expected, advice, isByHand } = {
        ...trouble,
        ...trouble.except?.[kind.framework],
        ...trouble.except?.[kind.name],
      }
      const keys = { ...server.ask, ...usual, ...trouble.keys }
      const finding = await runSmoke(keys, { ...(timeoutMs !== undefined && { timeoutMs }) })
      t.equal(gist(finding), expected, what)
      if (advice) t.match(messageOf(finding), advice, `${what}: its message`)
      t.notMatch(JSON.stringify(finding), /hunter2/)
      if (expected !== 'pass' && !isByHand)
        t.equal(gist(await followed(finding, keys)), 'pass', `${what}: what the advice leads to`)
    }
    await testSocket(t, server)
  })

/** What a server answers if its app cannot be loaded; the others do not listen at all. */
const notLoaded: Readonly<Record<string, readonly [gist: string, advice: RegExp]>> = {
  'uWSGI on a uwsgi socket': ['fail SMOKE_APP_NOT_LOADED', /could not import the app; see the traceback/],
  'uWSGI on an http-socket': ['fail SMOKE_APP_NOT_LOADED', /could not import the app; see the traceback/],
  'nginx in front of uWSGI': ['fail SMOKE_APP_NOT_LOADED', /could not import the app; see the traceback/],
  'HAProxy in front of gunicorn': [
    'fail SMOKE_STATUS_UNEXPECTED',
    /a proxy in front of the app answers.*: see whether the app runs, and the log of the proxy/,
  ],
  // it listens until its workers have failed
  gunicorn: ['fail SMOKE_SOCKET_MISSING', /the app is not running/],
}

for (const kind of serverKinds.filter(({ framework }) => framework !== 'PHP'))
  t.test(`smoke › of ${kind.name}, which does not load the app`, async t => {
    const start = kind.start(t, { ...switches, SMOKE_BREAK_IMPORT: '1' })
    const [expected, advice] = notLoaded[kind.name] ?? []
    if (expected === undefined || advice === undefined) {
      await t.rejects(
        start,
        { constructor: DoesNotListen, message: /this release does not/ },
        'as its log says',
      )
      return
    }
    const { ask } = await start
    for (;;) {
      const finding = await runSmoke({ ...ask, ...usual })
      if (kind.name === 'gunicorn' && gist(finding) !== expected) continue
      t.equal(gist(finding), expected)
      t.match(messageOf(finding), advice)
      return
    }
  })

t.test('smoke › over uwsgi, X-Forwarded-Proto: https is enough without SECURE_PROXY_SSL_HEADER', async t => {
  const { uwsgi } = await startUwsgi(t, { switches: { SMOKE_SSL_REDIRECT: '1' } })
  const target = `uwsgi+unix:${uwsgi}`
  t.equal(gist(await runSmoke({ target })), 'fail SMOKE_REDIRECT_HTTPS')
  t.equal(gist(await runSmoke({ target, headers: { 'X-Forwarded-Proto': 'https' } })), 'pass')
})

t.test('smoke › of uWSGI on an abstract socket', async t => {
  const name = `@smoke-${process.pid}`
  await startUwsgi(t, { args: ['--processes', '1', '--socket', name] })
  t.equal(gist(await runSmoke({ target: `uwsgi+unix:${name}`, expect: { body: 'Welcome' } })), 'pass')
  t.equal(gist(await runSmoke({ target: `uwsgi+unix:${name}-other` })), 'fail SMOKE_CONNECTION_REFUSED')
})
