import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { stringify } from 'yaml'
import { version } from '../../src/lib/version.ts'
import type { StatusDocument } from '../../src/status/status-document.ts'
import { bytes, page, serve } from '../checks/smoke/fake-server.ts'
import { startPostgres } from '../support/postgres.ts'
import { httpRequest } from '../support/http-request.ts'
import { freePort } from '../support/free-port.ts'
import { MAIN, runCommand } from '../support/run-command.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { sendBytes } from '../support/send-bytes.ts'
import { startSidecar } from '../support/sidecar.ts'

// What is installed is the one file of the build: here it runs alone, with every type of check against the real thing.

const run = promisify(execFile)

const scratch = await createScratchDirectory('health-sidecar-build-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const file = (name: string) => join(scratch.path, name)
const program = file('health-sidecar.js')
await run(process.execPath, ['build.ts', program])

/** Runs the file in an empty folder, with an environment of its own. */
const health = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const options = { cwd: scratch.path, env: { NO_COLOR: '1', ...env } }
  try {
    return { code: 0, ...(await run(process.execPath, [program, ...args], options)) }
  } catch (error) {
    return Object(error)
  }
}

t.test('build › the one file knows itself', async t => {
  t.match(await health(['--version']), { code: 0, stdout: `${version}\n` })
  t.match(await health(['check', '--only', 'x', '--config', '/nonexistent']), { code: 78, stderr: /ENOENT/ })
})

// of any other text, V8 keeps two bytes for each character
t.test('build › the one file is ASCII', async t => {
  t.equal(
    (await readFile(program)).findIndex(byte => byte > 0x7f),
    -1,
  )
})

t.test(
  'build › its installation compiles what a check runs that passes, and leaves nothing behind',
  async t => {
    const folder = file('installed')
    const temporary = file('temporary')
    for (const directory of [folder, temporary]) await mkdir(directory)
    await copyFile(program, join(folder, 'health-sidecar.js'))
    for (const name of ['compile.cjs', 'compiled.cjs'])
      await copyFile(join('packaging', name), join(folder, name))
    const { stdout } = await run(process.execPath, [join(folder, 'compile.cjs')], {
      env: { TMPDIR: temporary },
    })
    t.match(
      stdout,
      /^page +pass .*\nmigrations +pass .*\nenv +pass .*\ndatabase +pass .*\n\nverdict: pass\n$/,
    )
    t.ok((await stat(join(folder, 'health-sidecar.compiled'))).size > 1_000_000)
    t.strictSame(await readdir(temporary), [])
  },
)

t.test('build › the one file checks by the built-in configuration, filled from the environment', async t => {
  const postgres = await startPostgres()
  t.teardown(() => postgres[Symbol.asyncDispose]())
  const database = await postgres.createDatabase()
  await postgres.query(
    'create table django_migrations (id serial, app text, name text, applied timestamptz)',
    { database },
  )
  await postgres.query(`insert into django_migrations (app, name) values ('catalog', '0001_initial')`, {
    database,
  })

  const app = createServer((request, response) => response.end(`Welcome to ${request.headers.host}`))
  app.listen(file('app.sock'))
  await once(app, 'listening')
  t.teardown(() => void app.close())

  const migrations = file('migrations')
  await mkdir(migrations)
  await writeFile(join(migrations, '__init__.py'), '')
  await writeFile(join(migrations, '0001_initial.py'), '')
  await writeFile(file('env'), `SECRET_KEY=x7\nDATABASE_URL=${postgres.url({ database })}\n`)
  await writeFile(
    file('migrations.json'),
    JSON.stringify({
      format: 'health-sidecar/django-migrations/1',
      django: '5.2.17',
      apps: { catalog: { directories: [migrations], migrations: { '0001_initial': [] } } },
    }),
  )
  const env = {
    HEALTH_SIDECAR_TARGET: `http+unix:${file('app.sock')}`,
    HEALTH_SIDECAR_HOST: 'www.example.com',
    HEALTH_SIDECAR_EXPECT_BODY: 'Welcome to www.example.com',
    HEALTH_SIDECAR_ENV_FILE: file('env'),
    HEALTH_SIDECAR_MANIFEST: file('migrations.json'),
  }
  t.match(await health(['check'], env), {
    code: 0,
    stdout: /^homepage +pass[^]*^migrations +pass[^]*^env +pass[^]*^database +pass/m,
  })

  await writeFile(join(migrations, '0002_price.py'), '')
  t.match(await health(['check', '--json'], env), {
    code: 2,
    stdout: /"reason": "MIGRATIONS_MANIFEST_STALE"/,
  })
  t.match(await health(['check', '--only', 'homepage'], { ...env, HEALTH_SIDECAR_EXPECT_BODY: 'Goodbye' }), {
    code: 2,
    stdout: /SMOKE_BODY_UNEXPECTED/,
  })
  t.match(await health(['check'], { ...env, HEALTH_SIDECAR_EXPECT_STATUS: '20' }), {
    code: 78,
    stderr: /expect\.status: found a \w+ \(not shown\); expected a status/,
  })
})

t.test(
  'build › the one file, which leaves out much of its libraries, tells of 21 apps what the sources tell',
  async t => {
    const head = 'HTTP/1.1 200 OK\r\n'
    const apps: Readonly<Record<string, Parameters<typeof serve>[1]>> = {
      page: page('200 OK', 'Welcome'),
      chunks: bytes(
        `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nWel\r\n4\r\ncome\r\n0\r\nTrailer: 1\r\n\r\n`,
      ),
      hint: bytes(`HTTP/1.1 103 Early Hints\r\n\r\n${head}Content-Length: 7\r\n\r\nWelcome`),
      stream: bytes(`${head}\r\nWelcome`),
      none: bytes('HTTP/1.1 204 No Content\r\n\r\n'),
      long: page('200 OK', `Welcome${'.'.repeat(200_000)}`),
      endless: socket => void socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n7\r\nWelcome\r\n`),
      other: page('200 OK', 'Goodbye'),
      error: page('500 Internal Server Error', 'broken'),
      host: page('400 Bad Request', ''),
      https: page('301 Moved Permanently', '', 'Location: https://localhost/\r\n'),
      upgrade: bytes('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
      closed: socket => void socket.end(),
      silent: () => {},
      slow: socket => void socket.write('HTTP/1.1 200'),
      short: bytes(`${head}Content-Length: 100\r\n\r\nWelcome`),
      garbage: bytes('\u0000\u0001\u0002 nonsense\r\n\r\n'),
      length: bytes(`${head}Content-Length: -7\r\n\r\nWelcome`),
      chunk: bytes(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\nWelcome\r\n`),
      both: bytes(`${head}Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nWelcome\r\n0\r\n\r\n`),
      headers: bytes(`${head}X: ${'x'.repeat(100_000)}\r\n\r\nWelcome`),
    }
    const checks = await Promise.all(
      Object.entries(apps).flatMap(([name, respond]) =>
        ['GET', 'HEAD'].map(async method => ({
          name: `${name}-${method}`,
          type: 'smoke',
          target: `http+unix:${(await serve(t, respond)).path}`,
          method,
          timeout: '3s',
          ...(method === 'GET' && { expect: { body: 'Welcome' } }),
        })),
      ),
    )
    await writeFile(file('apps.yaml'), stringify({ checks }))
    const args = ['check', '--json', '--config', file('apps.yaml')]
    /** What is found of each, without times. */
    const gistOf = ({ stdout }: { readonly stdout: string }): Readonly<Record<string, string>> => {
      const document: StatusDocument = JSON.parse(stdout)
      return Object.fromEntries(
        Object.entries(document.checks).map(([name, [{ status, reason, output }]]) => [
          name,
          `${status} ${reason}: ${output?.replaceAll(/\d+ ms/g, 'N ms').replaceAll(/smoke-\w+/g, 'smoke-N')}`,
        ]),
      )
    }
    const bySources = gistOf(await runCommand(args))
    t.strictSame(gistOf(await health(args)), bySources)
    t.match(bySources, {
      'page-GET': /^pass/,
      'error-GET': /SMOKE_STATUS_UNEXPECTED/,
      'garbage-GET': /SMOKE_/,
    })
    t.notMatch(Object.values(bySources).join('\n'), /CHECK_/, 'no check breaks')
  },
)

t.test('build › the one file answers requests of all kinds as the sources do', async t => {
  const close = 'Host: 10.0.0.1\r\nConnection: close\r\n\r\n'
  const requests = [
    `GET /health HTTP/1.1\r\n${close}`,
    `HEAD /health HTTP/1.1\r\n${close}`,
    `GET /health/live HTTP/1.1\r\n${close}`,
    `GET /health?status=pass HTTP/1.1\r\n${close}`,
    `GET http://other.example/health HTTP/1.1\r\n${close}`,
    `GET /health/ HTTP/1.1\r\n${close}`,
    `GET /health%2f HTTP/1.1\r\n${close}`,
    `GET /%zz HTTP/1.1\r\n${close}`,
    `GET /status HTTP/1.1\r\n${close}`,
    `POST /health HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 1\r\n${close}{`,
    `PUT /health HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${close}0\r\n\r\n`,
    `OPTIONS * HTTP/1.1\r\n${close}`,
    `CONNECT 10.0.0.1:80 HTTP/1.1\r\n${close}`,
    `BREW /health HTTP/1.1\r\n${close}`,
    `GET /health HTTP/1.1\r\nExpect: 100-continue\r\n${close}`,
    `GET /health HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade, close\r\nHost: x\r\n\r\n`,
    'GET /health HTTP/1.0\r\n\r\n',
    'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n',
    'nonsense\r\n\r\n',
    '\u0016\u0003\u0001',
    `GET /health HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n${close}`,
  ]
  const answersOf = async (main: string): Promise<readonly string[]> => {
    await using place = await createScratchDirectory('health-sidecar-build-')
    const port = await freePort()
    const checks = [{ name: 'env', type: 'env', files: ['/nonexistent'], required: ['A'] }]
    const config = { drain: { wait: '0s' }, checks }
    await using _sidecar = await startSidecar({ scratch: place, port, config, program: main })
    const answers = await Promise.all(requests.map(request => sendBytes(port, request)))
    return answers.map(answer => answer.replace(/^Date: .*\r\n/m, ''))
  }
  const bySources = await answersOf(MAIN)
  t.strictSame(await answersOf(program), bySources)
  const statuses = new Set(bySources.map(answer => answer.slice('HTTP/1.1 '.length).split(' ')[0]))
  t.strictSame(statuses, new Set(['200', '503', '404', '400', '405', '', '100', '431']))
})

t.test(
  'build › the one file has the page, with its style, its script and the words of the manual',
  async t => {
    await using place = await createScratchDirectory('health-sidecar-build-')
    const checks = [{ name: 'env', type: 'env', files: ['/nonexistent'], required: ['A'] }]
    const config = { drain: { wait: '0s' }, checks }
    await using sidecar = await startSidecar({ scratch: place, port: await freePort(), config, program })
    await sidecar.waitFor(({ checks: found }) => found['env']?.[0].reason === 'ENV_FILE_MISSING')
    const { status, headers, body } = await httpRequest({ socketPath: sidecar.adminSocket, path: '/' })
    t.equal(status, 200)
    t.match(body, /Not in service yet[^]*ENV_FILE_MISSING[^]*What to do[^]*What the words mean/)
    for (const element of ['style', 'script']) {
      const [, text = ''] = new RegExp(`<${element}>([^]*?)</${element}>`).exec(body) ?? []
      t.ok(text.length > 1000)
      const hash = createHash('sha256').update(text).digest('base64')
      t.match(headers['content-security-policy'], `${element}-src 'sha256-${hash}'`)
    }
  },
)

t.test('build › the one file counts what the sources count, and loads the library when asked', async t => {
  const checks = [{ name: 'env', type: 'env', files: ['/nonexistent'], required: ['A'] }]
  const config = { drain: { wait: '0s' }, checks }
  const seriesOf = async (main: string): Promise<readonly string[]> => {
    await using place = await createScratchDirectory('health-sidecar-build-')
    await using sidecar = await startSidecar({
      scratch: place,
      port: await freePort(),
      config,
      program: main,
    })
    await sidecar.waitFor(({ checks: found }) => found['env']?.[0].reason === 'ENV_FILE_MISSING')
    const { body } = await httpRequest({ socketPath: sidecar.adminSocket, path: '/metrics' })
    return body.split('\n').map(line => line.replace(/ \S+$/, line.startsWith('#') ? '$&' : ''))
  }
  const bySources = await seriesOf(MAIN)
  t.ok(bySources.includes('health_sidecar_check_reason_info{check="env",reason="ENV_FILE_MISSING"}'))
  t.strictSame(await seriesOf(program), bySources)
})
