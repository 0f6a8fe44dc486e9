import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { run } from '../../src/cli/run.ts'
import { version } from '../../src/lib/version.ts'

const directory = await mkdtemp(join(tmpdir(), 'health-sidecar-cli-'))
t.teardown(() => rm(directory, { recursive: true }))
const socket = join(directory, 'app.sock')
const config = join(directory, 'config.yaml')
const envFile = join(directory, 'env')

const app = createServer((_request, response) => response.end('Welcome'))
app.listen(socket)
await once(app, 'listening')
t.teardown(() => app.close())

/** What a command line prints, and its exit code. */
const health = async (...args: string[]) => {
  const printed = { out: '', err: '' }
  const code = await run(args, {
    out: text => void (printed.out += text),
    err: text => void (printed.err += text),
    env: {},
  })
  return { code, out: stripVTControlCharacters(printed.out), err: printed.err }
}

const configure = (checks: string) => writeFile(config, `release: v7\nchecks:\n${checks}`)
// the modules that a first check loads may take this process seconds
const page = (body: string, more = '') =>
  `  - { name: page, type: smoke, target: 'http+unix:${socket}', expect: { body: ${body} }, timeout: 20s${more} }\n`
const env = (name: string, more = '') =>
  `  - { name: env, type: env, files: ['${envFile}'], schema: '${directory}/${name}.json', timeout: 20s${more} }\n`
const nobody = `  - { name: database, type: postgres, database: 'postgres://127.0.0.1:1/app', required: false }\n`

await writeFile(envFile, 'PORT=80\n')
await writeFile(
  join(directory, 'good.json'),
  '{"type":"object","required":["PORT"],"properties":{"PORT":{"type":"number"}}}',
)
await writeFile(
  join(directory, 'bad.json'),
  '{"type":"object","required":["HOST"],"properties":{"HOST":{"type":"string"}}}',
)

t.test('check › 0 and a table when all is well', async t => {
  await configure(page('Welcome') + env('good'))
  const { code, out, err } = await health('check', '--config', config)
  t.match(out, /^page {2}pass +[\d.]+ ms\nenv {3}pass +[\d.]+ ms\n\nverdict: pass \(release v7\)\n$/)
  t.strictSame([code, err], [0, ''])
})

t.test('check › notes that no peer answers, which changes no verdict', async t => {
  const peer = createServer((_request, response) => response.writeHead(503).end('{"status":"fail"}'))
  peer.listen(0, '127.0.0.1')
  await once(peer, 'listening')
  const address = peer.address()
  const port = typeof address === 'object' ? address?.port : undefined
  await writeFile(config, `peers: ['127.0.0.1:${port}', '127.0.0.1:1']\nchecks:\n${page('Welcome')}`)
  const answered = await health('check', '--config', config)
  t.match(answered, { code: 0, out: /verdict: pass\n$/ }, 'one answers, whatever it says')
  peer.close()
  peer.closeAllConnections()
  await once(peer, 'close')
  const { code, out } = await health('check', '--config', config)
  t.equal(code, 0)
  t.match(
    out,
    /verdict: pass\nnote: {4}no answer from any of 2 peers \(asked: 127\.0\.0\.1:\d+, 127\.0\.0\.1:\d+\); open that port between the hosts, or correct `peers`\n$/,
  )
  t.notMatch((await health('check', '--only', 'page', '--config', config)).out, /note/)
})

t.test('check › 2 and the reasons when something fails', async t => {
  await configure(page('Goodbye') + env('bad'))
  const { code, out } = await health('check', '--config', config)
  t.equal(code, 2)
  t.match(out, /^page {2}fail +[\d.]+ ms {2}SMOKE_BODY_UNEXPECTED: /m)
  t.match(out, /^env {3}(?:fail|unknown) +[\d.]+ ms {2}ENV_VARIABLE_MISSING: .*HOST/m)
  t.match(out, /^verdict: fail \(release v7\): page, env$/m)
})

t.test('check › 1 when what fails is not required', async t => {
  await configure(page('Welcome') + nobody)
  const { code, out } = await health('check', '--config', config)
  t.equal(code, 1)
  t.match(out, /^database {2}unknown .*DATABASE_REFUSED: .*\(counts as warn, held\)$/m)
})

t.test('check › 3 when nothing is proved wrong, yet nothing right', async t => {
  await configure(page('Goodbye', ', depends_on: [database]') + nobody)
  const { code, out } = await health('check', '--config', config)
  t.equal(code, 3)
  t.match(out, /^page +unknown .*DEPENDENCY_NOT_PASSING: .*\(counts as fail, unproven\)$/m)
})

t.test('check › --json is the status document', async t => {
  await configure(page('Goodbye'))
  const { code, out } = await health('check', '--config', config, '--json')
  t.equal(code, 2)
  t.match(JSON.parse(out), {
    status: 'fail',
    phase: 'starting',
    releaseId: 'v7',
    checks: { page: [{ status: 'fail', reason: 'SMOKE_BODY_UNEXPECTED', observedUnit: 'ms' }] },
  })
})

t.test('check › --only counts one check, required or not, beside what it depends on', async t => {
  await configure(page('Goodbye') + env('good', ', depends_on: [database]') + nobody)
  t.match(await health('check', '--config', config, '--only', 'env'), {
    code: 1,
    out: /^env .*pass[^]*database/,
  })
  t.match(await health('check', '--config', config, '--only', 'page'), { code: 2, out: /^page/ })
  t.match(await health('check', '--config', config, '--only', 'database'), { code: 3, out: /^database/ })
})

t.test('check › --only of a name that there is not is wrong usage, never a pass', async t => {
  await configure(page('Welcome'))
  const { code, out, err } = await health('check', '--config', config, '--only', 'pag')
  t.strictSame([code, out], [64, ''])
  t.match(err, /no check is named "pag"; there are page/)
})

t.test('config › prints what is in force', async t => {
  await configure(page('Welcome'))
  const { code, out } = await health('config', '--config', config)
  t.equal(code, 0)
  t.match(
    out,
    /^# .*config\.yaml: valid; in force, with its defaults:\nlisten: 0\.0\.0\.0:80\npath: \/health\n/,
  )
  t.match(out, /^ {4}interval: 10s$/m)
})

t.test('config, check and serve › 78 and every mistake for a wrong configuration', async t => {
  await configure('  - { name: page, type: smok }\n')
  for (const command of ['config', 'check', 'serve']) {
    const { code, out, err } = await health(command, '--config', config)
    t.strictSame([code, out], [78, ''], command)
    t.equal(
      err,
      `${config}:3:25: checks[0].type: found "smok"; expected smoke, migrations, env, postgres, tcp, command or disk\n`,
    )
  }
})

t.test('usage › 64 for what makes no sense, 0 for help and version', async t => {
  t.match(await health('chek'), {
    code: 64,
    err: /no command is called "chek"; there are serve, check, wait, status, explain, replay, drain, resume, reload, config/,
  })
  t.strictSame(await health('check', '--jsno'), {
    code: 64,
    out: '',
    err: "health-sidecar: unknown option '--jsno' (Did you mean --json?); see `health-sidecar check --help`\n",
  })
  t.match(await health('env', 'discover'), {
    code: 64,
    err: /'dir'; see `health-sidecar env discover --help`\n$/,
  })
  t.match(await health('--app'), { code: 64, err: /argument missing; see `health-sidecar --help`\n$/ })
  t.match(await health('check', 'page'), { code: 64 })
  t.match(await health('check', '--only'), { code: 64, err: /argument missing/ })
  t.match(await health('manifest'), { code: 64, err: /needs --verify/ })
  t.match(await health('--help'), { code: 0, out: /^Usage: health-sidecar/ })
  t.match(await health('check', '--help'), { code: 0, out: /--only <name>/ })
  t.match(await health('--version'), { code: 0, out: `${version}\n` })
})

t.test('--app › before the command or after it, names the file to read', async t => {
  const missing =
    '/etc/health-sidecar/a-shop.v2.yaml:1:1: this file does not exist; write it: it is the configuration of the app a-shop.v2\n'
  for (const command of 'serve check wait status explain resume reload config'.split(' ')) {
    t.strictSame(await health('--app', 'a-shop.v2', command), { code: 78, out: '', err: missing }, command)
    t.strictSame(await health(command, '--app', 'a-shop.v2'), { code: 78, out: '', err: missing }, command)
  }
  t.match(await health('--app=a-shop.v2', 'drain', '--reason', 'r', '--for', '1m'), {
    code: 78,
    err: missing,
  })
  t.match(await health('--app', 'a-shop.v2'), { code: 78, err: missing }, 'serve, if no command is named')
})

t.test('--app › a name that is no file’s name is refused', async t => {
  const names = [
    '',
    '.',
    '..',
    '../shop',
    '/etc/passwd',
    'a/b',
    '.shop',
    '-shop',
    'a b',
    'shop\n',
    'x'.repeat(65),
  ]
  for (const name of [...names, 'health-sidecar', 'größe'])
    t.match(
      await health('status', `--app=${name}`),
      { code: 64, err: /--app: found ".*"; expected a name of/ },
      name,
    )
})

t.test('--app › is refused beside --config, twice, and where no configuration is read', async t => {
  t.match(await health('--app', 'shop', 'status', '--config', config), {
    code: 64,
    err: '--app shop reads /etc/health-sidecar/shop.yaml; give --app or --config, not both',
  })
  t.match(await health('--app', 'shop', 'status', '--app', 'blog'), {
    code: 64,
    err: /--app shop and --app blog/,
  })
  t.match(await health('--app', 'shop', 'manifest', '--verify', config), { code: 64, err: /leave --app out/ })
  t.match(await health('--app', 'shop', 'env', 'discover', directory), { code: 64, err: /leave --app out/ })
  t.match(await health('--app', 'shop', 'chek'), { code: 64, err: /no command is called "chek"/ })
})

t.test('output › what a file name or an argument holds cannot command a terminal', async t => {
  const hostile = join(directory, 'a\u001b[2J\u009b1m\u202e.yaml')
  for (const args of [
    ['config', '--config', hostile],
    ['\u001b[2J'],
    ['check', '--\u009b1m'],
    ['env', 'discover', hostile],
  ]) {
    const { code, err } = await health(...args)
    t.ok(code === 64 || code === 78, args.join(' '))
    t.notMatch(err, /(?!\n)[\p{Cc}\p{Bidi_Control}]/u)
    t.match(err, /\\u00(?:1b|9b)/)
  }
})

t.test('config › --json is what is in force, for machines', async t => {
  await configure(page('Welcome'))
  const { code, out } = await health('config', '--config', config, '--json')
  t.equal(code, 0)
  t.match(JSON.parse(out), {
    file: config,
    config: { path: '/health', checks: [{ name: 'page', interval: '10s' }] },
  })
})

t.test('a command that broke › is 70, and neither 0 nor 1; nothing that it knew is shown', async t => {
  await configure(page('Welcome'))
  const printed = { err: '' }
  const code = await run(['config', '--config', config], {
    out() {
      throw new Error('a secret')
    },
    err: text => void (printed.err += text),
    env: {},
  })
  t.equal(code, 70)
  t.match(printed.err, /^health-sidecar: broke: Error at run\.test\.ts:\d+:\d+\n$/)
})
