import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import type { NetConnectOpts } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import { run } from '../../src/cli/run.ts'
import { describeError } from '../../src/lib/describe-error.ts'
import { dialects } from '../../src/env-file/dialect.ts'
import { httpRequest } from '../support/http-request.ts'
import { freePort } from '../support/free-port.ts'
import { startPostgres } from '../support/postgres.ts'
import { runCommand } from '../support/run-command.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import type { ScratchDirectory } from '../support/scratch-directory.ts'
import { SECRET, databaseUrls, envLines, leaksIn, schemas } from '../support/secrets.ts'
import { startSidecar } from '../support/sidecar.ts'

/** Names of what would leak are not known before: what is found is said with what stands around it. */
const keepsSecret = (t: Test, output: string, what: string) => t.strictSame(leaksIn(output), [], what)

const smoke = {
  type: 'smoke',
  target: 'http://127.0.0.1:1',
  path: '/',
  headers: { Authorization: `Bearer ${SECRET}`, Cookie: `\${COOKIE}` },
}

const inEnvironment = {
  COOKIE: `session=${SECRET}`,
  URL_IN_ENVIRONMENT: `postgres://u:${SECRET}@127.0.0.1:1/d`,
}

/** Every secret that a check can meet as it runs, each in a check of its own. */
const checksOf = async (directory: string): Promise<object[]> => {
  const checks: object[] = [
    smoke,
    { type: 'postgres', database: '${URL_IN_ENVIRONMENT}' },
    ...databaseUrls.map(database => ({ type: 'postgres', database })),
  ]
  const write = async (name: string, content: string): Promise<string> => {
    const path = join(directory, name)
    await writeFile(path, content)
    return path
  }
  for (const [i, url] of databaseUrls.entries()) {
    const env_file = await write(`url-${i}`, `DATABASE_URL='${url}'\n`)
    checks.push({ type: 'postgres', database: { env_file, variable: 'DATABASE_URL' } })
  }
  for (const [i, line] of envLines.entries()) {
    const password_file = await write(`password-${i}`, line)
    checks.push({ type: 'postgres', database: { url: 'postgres://user@127.0.0.1:1/shop', password_file } })
  }
  const required = ['KEY', 'OTHER']
  for (const [i, line] of envLines.entries()) {
    const path = await write(`env-${i}`, `${line}\nLAST=1\n`)
    for (const format of dialects) checks.push({ type: 'env', files: [{ path, format }], required })
    checks.push({ type: 'env', files: [path], example: path })
    checks.push({ type: 'postgres', database: { env_file: path, variable: 'KEY' } })
  }
  const valid = await write('env-valid', `KEY=${SECRET}\n`)
  for (const [i, schema] of schemas.entries())
    checks.push({ type: 'env', files: [valid], schema: await write(`schema-${i}`, schema) })
  const apps = { shop: join(directory, 'migrations') }
  await mkdir(apps.shop)
  await writeFile(join(apps.shop, '__init__.py'), '')
  await writeFile(join(apps.shop, '0001_initial.py'), '')
  const [database] = databaseUrls
  checks.push({ type: 'migrations', tool: 'django', database, apps })
  return checks.map((check, i) => ({ name: `check-${i}`, ...check }))
}

t.test('secrets › the search finds one in whatever writing', async t => {
  for (const around of ['', 'a', 'ab', 'abc']) {
    const encoded = Buffer.from(`${around}${SECRET}tail`)
    t.not(leaksIn(encoded.toString('base64')).length, 0)
    t.not(leaksIn(encoded.toString('base64url')).length, 0)
    t.not(leaksIn(encoded.toString('hex')).length, 0)
  }
  t.not(leaksIn(JSON.stringify({ SECRET })).length, 0)
  t.strictSame(leaksIn('nothing to be seen'), [])
  for (const input of [...databaseUrls, ...envLines]) t.not(leaksIn(input).length, 0)
})

// at trace, as every other level logs a part of that
t.test(
  'secrets › none in what a daemon that logs at trace, and its commands, say of what they meet',
  async t => {
    await using scratch = await createScratchDirectory('hs-secrets-')
    const checks = await checksOf(scratch.path)
    const config = {
      log: { level: 'trace', probes: 'all' },
      startup: { healthy_threshold: 1 },
      drain: { wait: '0s' },
      checks,
    }
    await using sidecar = await startSidecar({
      scratch,
      port: await freePort(),
      config,
      env: inEnvironment,
    })
    const document = await sidecar.waitFor(known =>
      Object.values(known.checks).every(([check]) => check.time !== undefined),
    )
    const reasons = new Set(Object.values(document.checks).map(([check]) => check.reason))
    t.ok(reasons.size > 8, `${[...reasons].join()}: they were asked, and met with various troubles`)
    t.equal(Object.keys(document.checks).length, checks.length)
    keepsSecret(t, JSON.stringify(document), 'the status document')
    keepsSecret(t, (await sidecar.probe()).body, 'the answer to a probe')
    const page = await httpRequest({ socketPath: sidecar.adminSocket, path: '/' })
    t.match(page.body, /id="check-check-1"/)
    keepsSecret(t, page.body, 'the page')

    for (const command of [['check'], ['check', '--json'], ['config']]) {
      const { code, stdout, stderr } = await runCommand([...command, '--config', sidecar.configFile], {
        env: inEnvironment,
      })
      t.equal(code, command[0] === 'config' ? 0 : 2)
      t.match(stdout, /check-1\b/)
      keepsSecret(t, `${stdout}${stderr}`, command.join(' '))
    }
    await sidecar.stop()
    const log = await sidecar.log()
    t.match(log, /"event":"check.changed".*"check-1"/)
    keepsSecret(t, log, 'the log')
    const history = await readFile(join(scratch.path, 'history.jsonl'), 'utf8')
    // of hundreds of checks, the first records may not wait until the daemon listens
    t.match(history, /"event":"check","check":"check-\d+"/)
    keepsSecret(t, history, 'the history')
    for (const more of [[], ['--json']]) {
      const { stdout } = await runCommand(['explain', '--state-dir', scratch.path, ...more])
      t.match(stdout, /check-\d+\b/)
      keepsSecret(t, stdout, `explain ${more.join()}`)
    }
  },
)

/** Sends text as it is, and answers all that comes back. */
const exchange = async (to: NetConnectOpts, request: string): Promise<string> => {
  const socket = connect(to)
  await once(socket, 'connect')
  socket.setTimeout(10_000, () => socket.destroy())
  socket.write(request)
  return await text(socket).catch(() => '')
}

t.test(
  'secrets › none of a request is in an answer or the log, nor a password of a database that takes it',
  async t => {
    await using postgres = await startPostgres()
    await postgres.query(`create role app login password '${SECRET}'`)
    await using scratch = await createScratchDirectory('hs-secrets-')
    const envFile = join(scratch.path, 'app.env')
    const url = (password: string) => postgres.url({ user: 'app', password })
    await writeFile(envFile, `DATABASE_URL=${url(SECRET)}\nKEY=${SECRET}\n`)
    const port = await freePort()
    const config = {
      log: { level: 'trace', probes: 'all' },
      startup: { healthy_threshold: 1 },
      drain: { wait: '0s' },
      checks: [
        { name: 'env', type: 'env', files: [envFile], required: ['KEY'] },
        { name: 'taken', type: 'postgres', database: { env_file: envFile, variable: 'DATABASE_URL' } },
        { name: 'refused', type: 'postgres', database: url(`${SECRET}-not`), required: false },
      ],
    }
    await using sidecar = await startSidecar({ scratch, port, config })
    const document = await sidecar.waitFor(({ phase }) => phase === 'serving')
    t.match(document.checks, {
      taken: [{ status: 'pass' }],
      refused: [{ reason: 'DATABASE_AUTHENTICATION_FAILED' }],
    })

    const targets = [
      '/health',
      '/',
      '/status',
      '/refresh',
      `/${SECRET}`,
      `//${SECRET}@x/health`,
      '*',
      `http://u:${SECRET}@h/health`,
    ]
    const headers = [
      `Authorization: Bearer ${SECRET}`,
      `Cookie: a=${SECRET}`,
      `X-Forwarded-For: ${SECRET}`,
      `Host: ${SECRET}`,
      `Host: a\r\nHost: ${SECRET}`,
      `Content-Length: ${SECRET}`,
      `Transfer-Encoding: ${SECRET}`,
      `${SECRET} ${SECRET}`,
      `Content-Type: ${SECRET}`,
      `Long: ${SECRET.repeat(5000)}`,
    ]
    const requests = targets.flatMap(target =>
      ['GET', 'POST', SECRET].flatMap(method =>
        headers.map(
          header =>
            `${method} ${target}?token=${SECRET} HTTP/1.1\r\n${header.startsWith('Host') ? '' : 'Host: h\r\n'}${header}\r\nConnection: close\r\n\r\n${method === 'GET' ? '' : SECRET}`,
        ),
      ),
    )
    const destinations: readonly (readonly [string, NetConnectOpts])[] = [
      ['the public listener', { host: '127.0.0.1', port }],
      ['the admin listener', { path: sidecar.adminSocket }],
    ]
    for (const [what, to] of destinations) {
      const answers = await Promise.all(requests.map(request => exchange(to, request)))
      const statuses = new Set(answers.map(answer => answer.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)))
      for (const status of ['200', '400', '404', '405', '431'])
        t.ok(statuses.has(status), `${what} answers ${status}`)
      keepsSecret(t, answers.join('\n'), what)
    }
    await sidecar.stop()
    const log = await sidecar.log()
    t.match(log, /"event":"probe.answered"/)
    keepsSecret(t, log, 'the log')
  },
)

/** A configuration in which something is wrong where a secret is. */
const mistakes = (): string[] => {
  const url = `postgres://user:${SECRET}@127.0.0.1/shop`
  const good = { name: 'page', ...smoke }
  const database = { name: 'database', type: 'postgres', database: url }
  const wrongValues: readonly unknown[] = [
    url,
    `KEY=${SECRET}`,
    [url],
    { url },
    [{ Authorization: `Bearer ${SECRET}` }],
    '${URL_IN_ENVIRONMENT}',
    'a ${URL_IN_ENVIRONMENT} b',
    '${COOKIE}',
    ['${COOKIE}'],
  ]
  const shown = [
    'path',
    'listen',
    'admin',
    'deadline',
    'hold',
    'startup',
    'drain',
    'log',
    'checks',
    'unknown',
  ]
  const ofSmoke = [
    'name',
    'type',
    'target',
    'path',
    'host',
    'headers',
    'method',
    'expect',
    'max_body',
    'depends_on',
  ]
  const common = [
    'interval',
    'fresh_for',
    'timeout',
    'healthy_threshold',
    'required',
    'gate',
    'depends_on',
    'unknown',
  ]
  const ofEnv = ['files', 'schema', 'example', 'allow_empty', 'allow_placeholder', 'process', 'required']
  const ofDatabase = ['database', 'name', 'type', 'unknown']
  const env = { name: 'env', type: 'env', files: ['/nowhere'], required: ['KEY'] }
  const wrong = wrongValues.flatMap(value => [
    ...shown.map(key => ({ checks: [good], [key]: value })),
    ...[...ofSmoke, ...common].map(key => ({ checks: [{ ...good, [key]: value }, { interval: 'x' }] })),
    ...[...ofEnv, ...common].map(key => ({ checks: [{ ...env, [key]: value }, { interval: 'x' }] })),
    ...ofDatabase.map(key => ({ checks: [{ ...database, [key]: value }, { interval: 'x' }] })),
    { checks: [{ ...database, database: { env_file: value, variable: value, unknown: value } }] },
    { checks: [{ ...good, headers: { Host: value, 'bad name': value } }] },
    { checks: [good, { ...good, name: 'other', depends_on: [value] }] },
    {
      checks: [
        { ...good, name: value },
        { ...good, name: value },
      ],
    },
    { checks: [{ ...good, name: value, depends_on: [value] }] },
    {
      checks: [{ name: 'm', type: 'migrations', tool: value, database: value, apps: value, manifest: value }],
    },
    { checks: [value] },
    value,
  ])
  const rightIfOdd = ['state_dir', 'release'].map(key => ({ checks: [good], [key]: url }))
  const secretLine = `    headers: { Authorization: ${SECRET} }`
  const lines = (...text: readonly string[]) =>
    ['checks:', '  - name: page', '    type: smoke', ...text].join('\n')
  const notYaml = [
    lines(`${secretLine} }`),
    lines(secretLine.replace(' }', '')),
    lines(secretLine.replace(': ', ' ')),
    lines(`   ${SECRET}`),
    lines(`\theaders: ${SECRET}`),
    lines(`    headers: "${SECRET}`),
    lines(`    headers: '${SECRET}`),
    lines(`    headers: "\\${SECRET}"`),
    lines(`    headers: *${SECRET}`),
    lines(`    headers: !${SECRET} x`),
    lines(`    headers: &${SECRET} x`),
    lines(`    headers: @${SECRET}`),
    lines(`    headers: %${SECRET}`),
    lines(`    headers: a: ${SECRET}`),
    lines(`    headers: { Authorization: ${SECRET}, Authorization: ${SECRET} }`),
    lines('    headers:', `      - Authorization: ${SECRET}`),
    lines('    headers:', `      Authorization: \${${SECRET}`),
    lines('    headers:', `      Authorization: \${NOT_SET}${SECRET}`),
    lines('    headers:', `      Authorization: \${NOT_SET:-${SECRET}}`),
    lines('    headers:', `      Authorization: "${SECRET}\\n"`),
    lines('    headers:', `      Authorization: ${SECRET}é`),
    lines(`    target: http://user:${SECRET}@127.0.0.1:1`),
    lines(`    target: http://127.0.0.1:1/${SECRET}@`),
    `database: ${url}`,
    `- ${SECRET}`,
    SECRET,
    `%${SECRET}`,
    `--- ${SECRET}\n--- ${SECRET}`,
  ]
  return [
    ...[...wrong, ...rightIfOdd].map(value => stringify(value, { aliasDuplicateObjects: false })),
    ...notYaml,
  ]
}

t.test('secrets › none in what is said of mistakes in a configuration, by any command', async t => {
  await using scratch: ScratchDirectory = await createScratchDirectory('hs-secrets-')
  const file = join(scratch.path, 'health-sidecar.yaml')
  const leaks = new Set<string>()
  let refused = 0
  for (const yaml of mistakes()) {
    await writeFile(file, yaml)
    const said: string[] = []
    const terminal = {
      out: (text: string) => void said.push(text),
      err: (text: string) => void said.push(text),
      env: inEnvironment,
    }
    const code = await run(['config', '--config', file], terminal)
    const output = said.join('')
    t.match(output, /\S/, 'something is said')
    if (code === 78) {
      refused += 1
      t.match(output, /:\d+:\d+: /)
      // all commands read it by the same code: a sample of them will do
      for (const command of refused % 8 === 1 ? ['check', 'serve'] : []) {
        said.length = 0
        t.equal(await run([command, '--config', file], terminal), 78)
        t.equal(said.join(''), output, `${command} says the same`)
      }
    } else t.equal(code, 0)
    for (const leak of leaksIn(output)) leaks.add(`${leak}\n--- of\n${yaml}`)
  }
  t.strictSame([...leaks], [])
  t.ok(refused > 300, `${refused} were refused`)
})

t.test('secrets › none of an error that nobody foresaw is said', async t => {
  const errors = [new Error(SECRET), new TypeError(SECRET, { cause: SECRET }), SECRET, { message: SECRET }]
  try {
    t.ok(new URL(`postgres://user:${SECRET}@[`))
  } catch (error) {
    errors.push(error as Error)
  }
  for (const error of errors) {
    const said = describeError(error)
    t.match(said, /\w/)
    keepsSecret(t, said, 'an error')
  }
})
