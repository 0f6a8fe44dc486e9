import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { stringify } from 'yaml'
import { bundledPackages } from '../../../packaging/bundled-packages.ts'
import { version } from '../../../src/lib/version.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { debianRoot } from '../env/debian-root.ts'
import { pathOf } from '../examples/example.ts'
import { buildImage } from './image.ts'
import { runImage } from './run-image.ts'

// The Dockerfile is built by buildah, and what comes of it is run as its users are told to: not root, nothing writable
// but a tmpfs, no capability.

const scratch = await createScratchDirectory('hs-container-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const image = await buildImage(scratch.path, debianRoot(t))
const [user = ''] = image.config.User.split(':')

const folder = async (name: string) => {
  const path = join(scratch.path, name)
  await mkdir(path)
  // the container's user is not who runs the tests
  await chmod(path, 0o755)
  return path
}
const appFolder = await folder('app')
const configFolder = await folder('etc')
let status = 500
const app = createServer((_request, response) => response.writeHead(status).end('page'))
app.listen(join(appFolder, 'app.sock'))
await once(app, 'listening')
t.teardown(() => void app.close())
await chmod(join(appFolder, 'app.sock'), 0o666)
await writeFile(join(configFolder, 'env'), 'SECRET_KEY=only-for-tests\n')
const config = join(configFolder, 'health-sidecar.yaml')
await writeFile(
  config,
  stringify({
    listen: '${HEALTH_SIDECAR_LISTEN}',
    startup: { healthy_threshold: 2 },
    drain: { wait: '2s' },
    checks: [
      {
        name: 'page',
        type: 'smoke',
        target: 'http+unix:/run/app/app.sock',
        interval: '300ms',
        fresh_for: '100ms',
      },
      { name: 'env', type: 'env', files: ['/etc/application/env'], required: ['SECRET_KEY'] },
    ],
  }),
)

const container = await runImage(image, {
  scratch,
  volumes: { '/run/app': appFolder, '/etc/application': configFolder },
  args: ['serve', '--config', '/etc/application/health-sidecar.yaml'],
})
t.teardown(() => container[Symbol.asyncDispose]())

const until = async (what: string, isSo: () => Promise<boolean>) => {
  const giveUpAt = performance.now() + 60_000
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`${what}: not in 60 seconds\n${await container.log()}`)
    await delay(200)
  }
}

const PROBE = `fetch('http://127.0.0.1:8080/health').then(({ status }) => console.log(status), () => console.log(0))`
const probe = async () => Number((await container.exec(['node', '-e', PROBE])).output)
/** As Docker runs a HEALTHCHECK. */
const health = () => {
  const [how, command = ''] = image.config.Healthcheck.Test
  if (how !== 'CMD-SHELL') throw new Error(`a HEALTHCHECK of the form ${how}`)
  return container.exec(['/bin/sh', '-c', command])
}

t.test('image › says what it is, who it runs as and where it listens', async t => {
  t.match(image.config, {
    User: '64080:64080',
    ExposedPorts: { '8080/tcp': {} },
    Entrypoint: ['health-sidecar'],
    Cmd: ['serve'],
    Volumes: { '/run/health-sidecar': {} },
    StopSignal: 'SIGTERM',
    Labels: {
      'org.opencontainers.image.title': 'health-sidecar',
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': 'MIT',
      'org.opencontainers.image.base.name': 'localhost/node:24',
    },
  })
})

t.test('image › gives the licences of the program and of every package in it along', async t => {
  const built = join(scratch.path, 'health-sidecar.js')
  await promisify(execFile)(process.execPath, ['build.ts', built], { cwd: pathOf('..') })
  const bundled = await bundledPackages(JSON.parse(await readFile(`${built}.meta.json`, 'utf8')))
  const copyright = await readFile(join(image.root, 'usr/share/doc/health-sidecar/copyright'), 'utf8')
  t.strictSame(
    Array.from(copyright.matchAll(/^Files: (.+)$/gm), ([, files]) => files),
    ['*', ...bundled.map(({ name }) => `node_modules/${name}/*`)],
  )
  const licences = copyright.split(/^Files: .+$/m).slice(1)
  t.strictSame(
    licences.filter(licence => !/^ .*(?:permission|redistribution)/im.test(licence)),
    [],
    'each with its text',
  )
})

t.test('image › holds the program compiled, so that each HEALTHCHECK starts from that', async t => {
  const { size, mode } = await stat(join(image.root, 'usr/lib/health-sidecar/health-sidecar.compiled'))
  t.ok(size > 1e6, `${size} bytes`)
  t.equal(mode & 0o777, 0o644)
})

t.test(
  'container › 503 and unhealthy while the app fails, 200 and healthy once it has proved itself',
  async t => {
    await until('answers', async () => (await probe()) === 503)
    await until('has asked', async () => /SMOKE_STATUS_UNEXPECTED/.test((await health()).output))
    t.match(await health(), { code: 1, output: /^STARTING +503 for [^]*^trouble: this host's: page$/m })
    status = 200
    await until('200', async () => (await probe()) === 200)
    t.match(await health(), { code: 0, output: /^SERVING +200 for [^]*^page +pass /m })
  },
)

t.test('container › one that hangs is unhealthy, in the time that a HEALTHCHECK has', async t => {
  const began = performance.now()
  await container.kill('SIGSTOP')
  t.match(await health(), { code: 1 })
  await container.kill('SIGCONT')
  t.ok(performance.now() - began < 10_000)
  t.match(await health(), { code: 0 })
})

t.test('container › is its own user, and may write nowhere but in /run/health-sidecar', async t => {
  const { code, output } = await container.exec([
    '/bin/sh',
    '-c',
    `id -u
    for dir in / /tmp /usr/lib/health-sidecar /etc/application /run /run/app /run/health-sidecar; do
      touch $dir/written 2>/dev/null && echo "$dir"
    done`,
  ])
  t.strictSame([code, output], [0, `${user}\n/run/health-sidecar\n`])
  const files = (await container.exec(['ls', '/run/health-sidecar'])).output.split('\n')
  t.match(files.sort(), ['', 'admin.sock', 'history.jsonl', 'latch.json', 'written'])
})

t.test('container › the program is the first process, so that signals reach it', async t => {
  const { output } = await container.exec(['cat', '/proc/1/cmdline'])
  const [program, ...args] = output.split('\0')
  t.equal(program, '/usr/lib/health-sidecar/node')
  t.ok(args.includes('serve'))
})

t.test('container › SIGUSR1 and SIGHUP are answered in the log', async t => {
  const logged = (line: RegExp) => until(String(line), async () => line.test(await container.log()))
  await container.kill('SIGUSR1')
  await logged(/"event":"status.reported"/)
  t.notMatch(await container.log(), /Debugger/, 'which Node would open by itself')
  await writeFile(config, 'checks: []\n')
  await container.kill('SIGHUP')
  await logged(/"event":"config.refused"/)
  t.match(
    await health(),
    { code: 0, output: /^SERVING +200 for .*^note: .*the configuration is refused/ms },
    'the last good one goes on',
  )
})

t.test('container › SIGTERM answers 503, and ends it with 0', async t => {
  await container.kill('SIGTERM')
  await until('draining', async () => (await probe()) === 503)
  t.equal(await container.ended, 0)
  t.match(await container.log(), /"event":"drain.started".*\n[^]*"event":"daemon.stopped"/)
})
