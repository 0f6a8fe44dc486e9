import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import t from 'tap'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import { ConfigError } from '../../src/config/config-error.ts'
import { policyOf } from '../../src/config/config.ts'
import { editorSchema } from '../../src/config/editor-schema.ts'
import { loadConfig } from '../../src/config/load.ts'

const invalid = join(import.meta.dirname, 'invalid/')

const directory = await mkdtemp(join(tmpdir(), 'health-sidecar-config-'))
t.teardown(() => rm(directory, { recursive: true }))

const write = async (text: string): Promise<string> => {
  const file = join(directory, 'config.yaml')
  await writeFile(file, text)
  return file
}

const page = `checks: [{ name: page, type: smoke, target: 'http+unix:/run/app.sock' }]`

for (const file of readdirSync(invalid).filter(name => name.endsWith('.yaml')))
  t.test(
    `mistakes › ${basename(file, '.yaml')}: each with its place, what was found and what is expected`,
    async t => {
      const expected = readFileSync(join(invalid, file.replace('.yaml', '.expected')), 'utf8')
      const path = join(invalid, file)
      const error: unknown = await loadConfig(path, { SECRET: 's3cret' }).catch(error => error)
      t.ok(error instanceof ConfigError)
      t.equal(`${error instanceof Error ? error.message.replaceAll(invalid, '') : ''}\n`, expected)
      t.notMatch(expected, 's3cret')
    },
  )

t.test('mistakes › a file that cannot be read', async t => {
  await t.rejects(loadConfig(join(directory, 'none.yaml'), {}), {
    message: `${directory}/none.yaml:1:1: cannot read the configuration (ENOENT); check the path and its permissions`,
  })
  await t.rejects(loadConfig(directory, {}), {
    message: `${directory}:1:1: cannot read the configuration (EISDIR); check the path and its permissions`,
  })
})

t.test('log.emf › true, false or a name, from the file as from the environment', async t => {
  const emfOf = async (value: string, env = {}) =>
    (await loadConfig(await write(`${page}\nlog: { emf: ${value} }`), env)).log.emf
  for (const value of [true, false, 'shop/web-1']) {
    t.equal(await emfOf(String(value)), value)
    t.equal(await emfOf('"${EMF}"', { EMF: String(value) }), value)
  }
  const file = await write(`${page}\nlog: { emf: ':web' }`)
  await t.rejects(loadConfig(file, {}), {
    message: `${file}:2:13: log.emf: found ":web"; expected true, false, or the name of the service, at most 100 letters, digits, dots, dashes, underscores and slashes: metrics for CloudWatch, in its Embedded Metric Format`,
  })
})

t.test('mistakes › a socket that systemd has passed, and no `listen: systemd`, is one', async t => {
  const passed = { passedSocketCount: 1 }
  const file = await write(`${page}\nlisten: 0.0.0.0:80`)
  await t.rejects(loadConfig(file, {}, passed), {
    message: `${file}:2:9: listen: systemd passed a socket that nothing answers; add \`systemd\` to \`listen\`, or disable health-sidecar.socket`,
  })
  await t.rejects(loadConfig(await write(page), {}, passed), {
    message: /listen: systemd passed a socket that nothing answers/,
  })
  const answered = await loadConfig(await write(`${page}\nlisten: [systemd, 127.0.0.1:8080]`), {}, passed)
  t.strictSame(answered.listen, ['systemd', '127.0.0.1:8080'])
})

t.test(
  'defaults › what all hosts use is told by the type and the address; `shared` says otherwise',
  async t => {
    const config = await loadConfig(
      await write(`checks:
  - { name: page, type: smoke, target: 'http+unix:/run/app.sock' }
  - { name: api, type: smoke, target: 'http://api.internal:80' }
  - { name: db, type: postgres, database: 'postgres://db/app' }
  - { name: cache, type: tcp, target: 'cache.internal:6379' }
  - { name: own-cache, type: tcp, target: '127.0.0.1:6379' }
  - { name: named, type: tcp, target: 'localhost:6379' }
  - { name: sixth, type: tcp, target: '[::1]:6379' }
  - { name: socket, type: tcp, target: 'unix:/run/redis.sock' }
  - { name: disk, type: disk, path: / }
  - { name: nfs, type: disk, path: /mnt/shared, shared: true }
  - { name: plugin, type: command, command: [/bin/true] }
  - { name: sibling, type: tcp, target: '10.0.0.5:6379', shared: false }`),
      {},
    )
    const shared = policyOf(config).checks.filter(check => check.shared)
    t.strictSame(
      shared.map(({ name }) => name),
      ['api', 'db', 'cache', 'nfs'],
    )
  },
)

t.test('defaults › are those of the schema, and differ by the type of check', async t => {
  const config = await loadConfig(
    await write(`checks:
  - { name: page, type: smoke, target: 'http+unix:/run/app.sock' }
  - { name: db, type: postgres, database: 'postgres://db/app', required: false }`),
    {},
  )
  t.match(config, {
    listen: ['0.0.0.0:80'],
    path: '/health',
    deadline: 4000,
    hold: 900_000,
    drain: { wait: 20_000 },
  })
  t.match(policyOf(config), {
    holdMs: { local: 900_000, shared: Infinity, busy: Infinity },
    startupHealthyThreshold: 5,
    checks: [
      { name: 'page', intervalMs: 10_000, freshForMs: 1000, timeoutMs: 2000, required: true, dependsOn: [] },
      {
        name: 'db',
        intervalMs: 15_000,
        freshForMs: 15_000,
        healthyThreshold: 1,
        required: false,
        gate: 'always',
      },
    ],
  })
})

t.test('warnings › what a configuration gives up is told with the check that gives it up', async t => {
  const config = await loadConfig(
    await write(`checks:
  - { name: page, type: smoke, target: 'https://127.0.0.1:8443', tls: { verify: false } }
  - { name: port, type: tcp, target: '127.0.0.1:443', tls: {} }`),
    {},
  )
  t.match(config.warnings, [
    /^check page: tls\.verify is false, .* https:\/\/127\.0\.0\.1:8443 .*set tls\.ca_file/,
  ])
  t.equal(config.warnings.length, 1)
})

t.test('listen › a port is from 1 to 65535, without leading zeros: 0 would be any free one', async t => {
  const load = async (address: string) =>
    loadConfig(await write(`${page}\nlisten: ['${address}']\nadmin: { listen: '${address}' }`), {})
  for (const port of ['1', '80', '9999', '10000', '65535'])
    t.equal((await load(`127.0.0.1:${port}`)).admin.listen, `127.0.0.1:${port}`)
  for (const port of ['0', '00', '080', '00080', '65536', '70000', '100000', ''])
    for (const key of ['listen', 'admin.listen'])
      await t.rejects(load(`127.0.0.1:${port}`), { message: `: ${key}: found ` }, port)
})

t.test('listen › an entry may be a mapping, which requires the PROXY protocol or not', async t => {
  const config = await loadConfig(
    await write(`${page}
listen:
  - 127.0.0.1:80
  - { address: systemd, proxy_protocol: true }
  - { address: 'unix:/run/x.sock', proxy_protocol: false }`),
    {},
    { passedSocketCount: 2 },
  )
  t.strictSame(config.listen, ['127.0.0.1:80', 'systemd', 'unix:/run/x.sock'])
  t.strictSame(config.proxied, ['systemd'])
  await t.rejects(loadConfig(await write(`${page}\nlisten: [{ address: 'a:80', proxy: true }]`), {}), {
    message: /listen\[0\]\.proxy: unknown key; expected one of address, proxy_protocol/,
  })
})

t.test('peers › are asked where they are configured', async t => {
  const asksPeers = async (text: string) =>
    policyOf(await loadConfig(await write(`${text}\n${page}`), {})).asksPeers
  t.equal(await asksPeers('peers: dns:web.example'), true)
  t.equal(await asksPeers(''), undefined)
})

t.test('hold › forever is allowed, and each cause may have a limit of its own', async t => {
  const holdOf = async (hold: string, options?: { readonly spread: number }) =>
    policyOf(await loadConfig(await write(`hold: ${hold}\n${page}`), {}), options).holdMs
  t.strictSame(await holdOf('forever'), { local: Infinity, shared: Infinity, busy: Infinity })
  t.strictSame(await holdOf('1h'), { local: 3_600_000, shared: Infinity, busy: Infinity })
  t.strictSame(await holdOf('{ shared: 1h }'), { local: 900_000, shared: 3_600_000, busy: Infinity })
  t.strictSame(await holdOf('{ local: forever, busy: 10m }'), {
    local: Infinity,
    shared: Infinity,
    busy: 600_000,
  })
  t.strictSame(
    await holdOf('{ busy: 10m }', { spread: 0.5 }),
    { local: 990_000, shared: Infinity, busy: 660_000 },
    'from host to host, the end of a hold differs',
  )
  await t.rejects(holdOf('{ busy: never }'), { message: /hold\.busy: found "never"; expected a duration/ })
  await t.rejects(holdOf('{ remote: 1m }'), {
    message: /hold\.remote: unknown key; expected one of local, shared, busy/,
  })
})

t.test('environment › text from it is read as what is expected in its place', async t => {
  const config = await loadConfig(
    await write(`
listen: \${LISTEN}
startup: { healthy_threshold: "\${ROUNDS}" }
deadline: \${DEADLINE:-3s}
release: \${RELEASE:-}
log: { level: "\${LEVEL}" }
checks:
  - { name: page, type: smoke, target: "http+unix:\${SOCKET}", required: "\${REQUIRED}" }
  - { name: env, type: env, files: [/etc/env], required: "\${NAMES}" }
  - { name: db, type: postgres, database: "postgres://app:\${PASSWORD}@db/app" }`),
    {
      LISTEN: '127.0.0.1:80, unix:/run/x.sock',
      ROUNDS: '3',
      DEADLINE: '',
      LEVEL: 'debug',
      SOCKET: '/run/app.sock',
      REQUIRED: 'false',
      NAMES: 'SECRET_KEY DATABASE_URL',
      PASSWORD: '0123',
    },
  )
  t.match(config, {
    listen: ['127.0.0.1:80', 'unix:/run/x.sock'],
    startup: { healthy_threshold: 3 },
    deadline: 3000,
    log: { level: 'debug' },
    checks: [
      { target: 'http+unix:/run/app.sock', required: false },
      { required: ['SECRET_KEY', 'DATABASE_URL'] },
      { database: 'postgres://app:0123@db/app' },
    ],
  })
  t.notHas(config, { release: '' }, 'what is left empty is as if not given')
})

t.test('environment › a value that is wrong is not shown', async t => {
  const error: unknown = await loadConfig(await write(`deadline: \${X}\n${page}`), { X: 's3cret' }).catch(
    e => e,
  )
  t.match(error, { message: /deadline: found a string \(not shown\); expected a duration/ })
})

t.test('environment › $${ stands for a literal ${', async t => {
  const config = await loadConfig(await write(`release: a$\${b}\n${page}`), {})
  t.equal(config.release, 'a${b}')
})

t.test('built in › is complete once the environment names the app', async t => {
  const config = await loadConfig(undefined, {
    HEALTH_SIDECAR_TARGET: 'uwsgi+unix:/run/app.sock',
    HEALTH_SIDECAR_ENV_FILE: '/etc/app/env',
    HEALTH_SIDECAR_MANIFEST: '/srv/app/migrations.json',
  })
  t.strictSame(
    config.checks.map(({ name }) => name),
    ['homepage', 'migrations', 'env', 'database'],
  )
  await t.rejects(loadConfig(undefined, {}), { message: /HEALTH_SIDECAR_TARGET} is not set/ })
})

t.test('shown › in the order of the schema, every secret masked', async t => {
  const { shown } = await loadConfig(
    await write(`
checks:
  - { type: postgres, name: db, database: 'postgres://app:s3cret@db:5432/app?password=s3cret#s3cret' }
  - { type: postgres, name: dsn, database: 'host=db password=s3cret' }
  - { type: smoke, name: page, target: 'http+unix:/run/app.sock', headers: { Authorization: 'token:s3cret' } }`),
    {},
  )
  t.match(shown, {
    checks: [
      { database: 'postgres://app:***@db:5432/app?***' },
      { database: '***' },
      { target: 'http+unix:/run/app.sock', headers: { Authorization: '***' } },
    ],
  })
  t.notMatch(JSON.stringify(shown), 's3cret')
})

t.test('editor schema › is the committed one, and takes the built-in configuration', async t => {
  const committed: unknown = JSON.parse(readFileSync('config/health-sidecar.schema.json', 'utf8'))
  t.strictSame(committed, JSON.parse(JSON.stringify(editorSchema())), 'npm run build writes it')
  const isValid = new Ajv({ strict: false }).compile(Object(committed))
  t.ok(isValid(parse(readFileSync('config/health-sidecar.yaml', 'utf8'))), JSON.stringify(isValid.errors))
  t.notOk(isValid({ checks: [], listen: 80 }))
  t.notOk(isValid({ checks: [{ name: 'page', type: 'smoke', target: 'http+unix:/x', colour: 'red' }] }))
})
