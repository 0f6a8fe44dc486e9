import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { accepts } from '../../support/accepts.ts'
import { freePort } from '../../support/free-port.ts'
import { httpRequest } from '../../support/http-request.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import type { ScratchDirectory } from '../../support/scratch-directory.ts'
import { lacks, pathOf, readExample, replaceAll, runProgram } from './example.ts'
import { startSidecarHost } from './sidecar-host.ts'

const skip = lacks('nginx')

interface Nginx {
  readonly port: number
  /** Lines of its access log so far. */
  accessLog(): Promise<string>
}

/** Debian's nginx with an example in its conf.d, at a port of its own; what `replacements` name is elsewhere too. */
const startNginx = async (
  t: Test,
  example: string,
  scratch: ScratchDirectory,
  { listen, ...replacements }: { readonly listen: string } & Readonly<Record<string, string>>,
): Promise<Nginx> => {
  const { path } = scratch
  const port = await freePort()
  const log = join(path, 'access.log')
  await mkdir(join(path, 'conf.d'))
  await writeFile(
    join(path, 'conf.d/example.conf'),
    replaceAll(await readExample(`nginx/${example}`), {
      [`listen ${listen} default_server;`]: `listen 127.0.0.1:${port} default_server;`,
      ...replacements,
    }),
  )
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${path}/${name};`,
  )
  // what would harm a probe's answer, were the example to leave it in force
  const hostile = `access_log ${log}; proxy_intercept_errors on; recursive_error_pages on; error_page 502 503 504 =200 /sorry;
    proxy_cache_path ${path}/cache keys_zone=any:1m; proxy_cache any; proxy_cache_valid any 1h; proxy_ignore_headers Cache-Control;`
  const configuration = join(path, 'nginx.conf')
  await writeFile(
    configuration,
    `daemon off; ${process.getuid?.() === 0 ? 'user root;' : ''} pid ${path}/pid; error_log ${path}/error.log;
    events {}
    http { ${temporary.join(' ')} ${hostile} include ${path}/conf.d/*.conf; }\n`,
  )
  const tested = await runProgram(['nginx', '-t', '-c', configuration, '-e', join(path, 'error.log')])
  t.match(tested, { code: 0, stderr: /test is successful/ }, 'nginx -t')
  const nginx = spawn('nginx', ['-c', configuration, '-e', join(path, 'error.log')], {
    cwd: path,
    stdio: 'ignore',
  })
  await once(nginx, 'spawn')
  scratch.adopt(nginx)
  t.teardown(async () => {
    if (nginx.exitCode !== null) return
    nginx.kill('SIGQUIT')
    await once(nginx, 'exit')
  })
  for (let tries = 0; tries < 500 && !(await accepts({ host: '127.0.0.1', port })); tries++) await delay(20)
  return { port, accessLog: () => readFile(log, 'utf8').catch(() => '') }
}

/** An app on a Unix socket, whose every page is this. */
const startApp = async (t: Test, { path }: ScratchDirectory): Promise<string> => {
  const socket = join(path, 'app.sock')
  const app = createServer((_request, response) => response.end('a page')).listen(socket)
  await once(app, 'listening')
  t.teardown(() => app.close())
  return socket
}

t.test('nginx in front › the answer of the sidecar comes through as it is', { skip }, async t => {
  const socketIn = ({ path }: ScratchDirectory) => join(path, 'health-sidecar.sock')
  const host = await startSidecarHost(t, scratch => ({ listen: `unix:${socketIn(scratch)}` }))
  const nginx = await startNginx(t, 'in-front.conf', host.scratch, {
    listen: '80',
    '/run/health-sidecar.sock': socketIn(host.scratch),
    '/run/app/app.sock': await startApp(t, host.scratch),
  })
  const ask = (path: string, method = 'GET') =>
    httpRequest({ host: '127.0.0.1', port: nginx.port, path, method, headers: { Host: '10.0.3.17' } })
  const answer = { 'content-type': 'application/health+json', 'cache-control': 'no-store' }

  await host.become('ill')
  t.match(await ask('/health'), { status: 503, body: '{"status":"fail"}', headers: answer })
  t.match(await ask('/health/live'), { status: 200, body: '{"status":"pass"}' })
  await host.become('well')
  t.match(await ask('/health'), { status: 200, body: '{"status":"pass"}', headers: answer })
  t.match(await ask('/health?from=balancer'), { status: 200 })
  t.match(await ask('/health', 'HEAD'), { status: 200, body: '', headers: { 'content-length': '17' } })
  t.match(await ask('/health', 'POST'), { status: 405 })
  await host.become('ill')
  t.match(await ask('/health'), { status: 503 }, 'no older answer')
  t.match(await ask('/health', 'HEAD'), { status: 503, body: '' })
  t.equal(await nginx.accessLog(), '', 'no probe is in the access log')

  t.match(await ask('/'), { status: 200, body: 'a page' })
  t.match(await ask('/healthy'), { status: 200, body: 'a page' })
  // nginx logs a request after it has answered it; tap's own limit ends a wait that is in vain
  while (!/"GET \/healthy /.test(await nginx.accessLog())) await delay(20)

  await host.become('well')
  const began = performance.now()
  process.kill(host.sidecar.pid, 'SIGSTOP')
  t.match(await ask('/health'), { status: 503 }, 'one that is stuck')
  process.kill(host.sidecar.pid, 'SIGCONT')
  t.ok(performance.now() - began < 5000, 'within the time-out of the balancer')

  await host.sidecar.stop()
  t.match(await ask('/health'), { status: 503 }, 'one that is gone')
})

t.test(
  'nginx in front › the drop-in moves the socket unit from port 80',
  { skip: lacks('systemd-analyze') },
  async t => {
    const directory = t.testdir({
      'health-sidecar.socket.d': { 'nginx.conf': await readExample('nginx/health-sidecar.socket.conf') },
      'health-sidecar.socket': await readFile(pathOf('../systemd/health-sidecar.socket'), 'utf8'),
      'health-sidecar.service': '[Service]\nExecStart=/bin/true\n',
    })
    const verified = await promisify(execFile)('systemd-analyze', [
      'verify',
      '--recursive-errors=yes',
      '--man=no',
      join(directory, 'health-sidecar.socket'),
    ])
    t.equal(verified.stderr, '')
    const path = /^ListenStream=(\/.*)$/m.exec(await readExample('nginx/health-sidecar.socket.conf'))?.[1]
    t.match(await readExample('nginx/in-front.conf'), `proxy_pass http://unix:${path};`)
  },
)

t.test('nginx beside › serves the app, and leaves /health to the sidecar', { skip }, async t => {
  const host = await startSidecarHost(t)
  const nginx = await startNginx(t, 'beside.conf', host.scratch, {
    listen: '8080',
    '/run/app/app.sock': await startApp(t, host.scratch),
  })
  const ask = (path: string) => httpRequest({ host: '127.0.0.1', port: nginx.port, path })
  await host.become('well')
  t.match(await ask('/'), { status: 200, body: 'a page' })
  t.match(await ask('/health'), { status: 404 })
  t.match(await host.sidecar.probe(), { status: 200 })
})

/** Behind nginx, three apps, each with a sidecar of its own. The example has two of them, and the third in a comment. */
const startSeveralApps = async (t: Test) => {
  const sockets = await createScratchDirectory('hs-nginx-apps-')
  t.teardown(() => sockets[Symbol.asyncDispose]())
  const start = (app: string) =>
    startSidecarHost(t, () => ({ listen: `unix:${sockets.path}/health-sidecar@${app}.sock` }))
  const [shop, wiki, blog] = [await start('shop'), await start('wiki'), await start('blog')]
  const example = await readExample('nginx/several-apps.conf')
  const third = /^ +#location @middle-app [^]*?#\}$/m.exec(example)?.[0] ?? ''
  const nginx = await startNginx(t, 'several-apps.conf', sockets, {
    listen: '80',
    'listen 80;': `listen unix:${sockets.path}/nginx.sock;`,
    '/run/health-sidecar@': `${sockets.path}/health-sidecar@`,
    'try_files /none @last-app;\n    }\n\n    # For': 'try_files /none @middle-app;\n    }\n\n    # For',
    [third]: third.replaceAll(/^( +)#/gm, '$1'),
  })
  const ask = (path: string, method = 'GET') =>
    httpRequest({ host: '127.0.0.1', port: nginx.port, path, method, headers: { Host: '10.0.3.17' } })
  return { shop, wiki, blog, nginx, ask }
}

t.test('nginx for several apps', { skip }, async t => {
  const { shop, wiki, blog, nginx, ask } = await startSeveralApps(t)
  for (const host of [shop, wiki, blog]) await host.become('well')

  await t.test('each has a path of its own, and one path answers for all', async t => {
    const paths = ['/health/shop', '/health/wiki', '/health/blog', '/health']
    const seen = async (method = 'GET') =>
      (await Promise.all(paths.map(path => ask(path, method)))).map(({ status }) => status)
    t.strictSame(await seen(), [200, 200, 200, 200])
    t.strictSame(await seen('HEAD'), [200, 200, 200, 200])
    for (const path of ['/health', '/health/shop'])
      t.match(await ask(path), { body: '{"status":"pass"}', headers: { 'cache-control': 'no-store' } })
    t.match(await ask('/health?from=balancer'), { status: 200 })
    t.match(await ask('/health/shop/live'), { status: 200 })
    // first, in the middle, last
    for (const [i, host] of [shop, wiki, blog].entries()) {
      await host.become('ill')
      t.strictSame(await seen(), [0, 1, 2].map(app => (app === i ? 503 : 200)).concat(503))
      t.equal((await ask('/health', 'HEAD')).status, 503)
      await host.become('well')
      t.strictSame(await seen(), [200, 200, 200, 200])
    }
    t.equal(await nginx.accessLog(), '', 'no probe is in the access log')
  })

  await t.test('what is not there, stuck or gone is never a 200', async t => {
    for (const path of ['/health/nothing', '/health/live', '/health/shop.', '/health/shop/', '/health/.shop'])
      t.ok([404, 503].includes((await ask(path)).status), path)
    for (const path of ['/health/', '/health/..%2fshop', '/healthy'])
      t.ok([400, 404].includes((await ask(path)).status), path)

    process.kill(wiki.sidecar.pid, 'SIGSTOP')
    const answers = await Promise.all([ask('/health'), ask('/health/wiki'), ask('/health/shop')])
    process.kill(wiki.sidecar.pid, 'SIGCONT')
    t.strictSame(
      answers.map(({ status }) => status),
      [503, 503, 200],
    )
    for (const [path, host] of [
      ['/health/wiki', wiki],
      ['/health/blog', blog],
      ['/health/shop', shop],
    ] as const) {
      await host.sidecar.stop()
      t.equal((await ask(path)).status, 503, path)
      t.equal((await ask('/health')).status, 503)
    }
  })
})
