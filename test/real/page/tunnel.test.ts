import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { tablesOf } from '../../docs/markdown.ts'
import { freePort } from '../../support/free-port.ts'
import { httpRequest } from '../../support/http-request.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'
import { lacks, replaceAll } from '../examples/example.ts'
import { until } from '../logs/until.ts'
import { STRANGE_NAME, openBrowser, openPage } from './browser.ts'
import { SSHD, end, startSshServer } from './ssh-server.ts'
import type { SshClient } from './ssh-server.ts'

const HOST = 'app1.example.com'
const SOCKET = '/run/health-sidecar/admin.sock'
const ACTIONS = ['/drain', '/resume', '/reload', '/refresh']

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const manual = read('docs/page.md')
/** As the manual has them: to the admin socket, and to the admin port. */
const commands = Array.from(manual.matchAll(/\bssh -N \S.*?(?=\n| +#)/g), ([command]) => command)
const [toSocket = ''] = commands
/** What the manual quotes of `ssh`. */
const quoted = tablesOf(manual)
  .filter(({ columns }) => columns[0] === '`ssh` says')
  .flatMap(({ rows }) => rows.map(([says = '']) => says.slice(1, -1)))

t.test('tunnel › the manual has a command for the socket and one for the port', async t => {
  t.strictSame(
    commands.map(command => command.includes(SOCKET)),
    [true, false],
  )
  const inMan = read('packaging/man/health-sidecar.1').replaceAll('\\', '')
  t.ok(inMan.includes(toSocket.replace(HOST, 'HOST')), 'the man page has the same')
})

t.test('tunnel › by the commands of the manual', { skip: lacks('ssh', 'ssh-keygen', SSHD) }, async t => {
  await using scratch = await createScratchDirectory('hs-tunnel-')
  let isWell = true
  const app = createServer((_request, response) => response.writeHead(isWell ? 200 : 500).end())
  const socket = join(scratch.path, 'app.sock')
  app.listen(socket)
  await once(app, 'listening')
  t.teardown(() => void app.close())
  const adminPort = await freePort()
  await using sidecar = await startSidecar({
    scratch,
    port: await freePort(),
    config: {
      admin: { socket: join(scratch.path, 'admin.sock'), listen: `127.0.0.1:${adminPort}` },
      startup: { healthy_threshold: 1 },
      checks: [
        { name: 'page', type: 'smoke', target: `http+unix:${socket}`, interval: '200ms', fresh_for: '50ms' },
      ],
    },
  })
  await sidecar.waitFor(({ status }) => status === 'pass')
  const server = await startSshServer(scratch, HOST)
  /** Runs a command of the manual, with a port that is free here, until that port is open. */
  const open = async (command: string) => {
    const port = await freePort()
    const ssh = server.run(
      replaceAll(command, {
        '-L 9180:': `-L ${port}:`,
        ...(command === toSocket
          ? { [SOCKET]: sidecar.adminSocket }
          : { ':127.0.0.1:9180': `:127.0.0.1:${adminPort}` }),
      }),
    )
    const ask = (path: string, headers = {}, method = 'GET') =>
      httpRequest({ host: '127.0.0.1', port, path, method, headers })
    const isOpen = async () => {
      if (ssh.exitCode !== null) throw new Error(`ssh has ended: ${await ssh.said}`)
      return await ask('/status').then(
        () => true,
        ({ code }: NodeJS.ErrnoException) => code !== 'ECONNREFUSED',
      )
    }
    await until(isOpen, () => 'nobody listens on the port')
    return { port, ssh, ask }
  }

  for (const command of commands)
    await t.test(command, async t => {
      const { port, ssh, ask } = await open(command)
      for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
        for (const [path, body] of [
          ['/', /In service\. All is well\./],
          ['/status', /"status":"pass"/],
          ['/history?since=1h', /"event":"start"/],
          ['/metrics', /^health_sidecar_/m],
        ] as const)
          t.match(await ask(path, { host }), { status: 200, body }, `${path} of ${host}`)
      t.match(await ask('/', {}, 'HEAD'), { status: 200, body: '' })

      const stranger = { host: `${STRANGE_NAME}:${port}` }
      const elsewhere = { origin: `http://${STRANGE_NAME}:${port}` }
      for (const path of ['/', '/status', '/history', '/metrics']) {
        t.match(await ask(path, stranger), { status: 421, body: /admin\.hosts/ })
        t.equal((await ask(path, elsewhere)).status, 403)
        for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
          t.match(await ask(path, {}, method), { status: 405, headers: { allow: 'GET, HEAD' } })
      }
      for (const path of ACTIONS) {
        t.equal((await ask(path, stranger, 'POST')).status, 421)
        t.equal((await ask(path, elsewhere, 'POST')).status, 403)
        t.equal((await ask(path, { origin: 'null' }, 'POST')).status, 403)
        if (command !== toSocket) t.equal((await ask(path, {}, 'POST')).status, 404, 'read-only')
      }
      t.match(await sidecar.status(), { status: 'pass', phase: 'serving' }, 'nothing is done')
      await end(ssh)
    })

  await t.test('in a browser: live, and told of a lost tunnel', { skip: lacks('chromium') }, async t => {
    const { port, ssh } = await open(toSocket)
    const browser = await openBrowser()
    t.teardown(() => browser.close())
    await using watched = await openPage(browser)
    const { page } = watched
    const headline = (text: string) => page.locator('h1', { hasText: text }).waitFor()
    await page.goto(`http://localhost:${port}/`)
    await headline('In service. All is well.')
    isWell = false
    await headline('Out of service. The trouble is this host’s own.')
    await end(ssh)
    await page.locator('#lost', { hasText: 'Open the tunnel again' }).waitFor()
    t.match(await page.title(), /^no answer · /)
  })

  await t.test('where there is no page, `ssh` says what the manual quotes', async t => {
    const explained = async (ssh: SshClient) => {
      await end(ssh)
      const said = await ssh.said
      t.ok(
        quoted.some(text => said.includes(text)),
        said,
      )
    }
    await sidecar.stop()
    for (const command of commands) {
      const { port, ssh, ask } = await open(command)
      await t.rejects(ask('/'))
      if (command === toSocket) {
        const second = server.run(toSocket.replace('9180', String(port)))
        await once(second.stderr, 'data')
        await explained(second)
      }
      await explained(ssh)
    }
  })
})
