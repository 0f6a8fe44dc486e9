import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { stringify } from 'yaml'
import { ARCHITECTURES, NATIVE, NODE_PACKAGES } from '../../../packaging/targets.ts'
import { version } from '../../../src/lib/version.ts'
import { bundleProgram, faultsOf, librariesOf, nodesOf, packagesIn } from '../../support/sbom.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { debianRoot } from '../env/debian-root.ts'
import { buildImage, imagesIn, makeBase, openArchive, SOURCE } from './image.ts'
import { runImage } from './run-image.ts'

// The image is built for both architectures, and this machine's own is run as its users are told to: not root, nothing
// writable but a tmpfs, no capability.

const scratch = await createScratchDirectory('hs-container-')
t.teardown(() => scratch[Symbol.asyncDispose]())
// buildah takes its path for a name, and names have no capitals
const built = join(tmpdir(), `hs-image-${process.pid}`)
t.teardown(() => rm(built, { recursive: true, force: true }))
await mkdir(built)
const base = await makeBase(built, await debianRoot(t))
const images = await imagesIn(await buildImage(built, { base }), built)
const image = images[NATIVE]
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

const NODE = '/usr/lib/health-sidecar/node'
const PROBE = `fetch('http://127.0.0.1:8080/health').then(({ status }) => console.log(status), () => console.log(0))`
const probe = async () => Number((await container.exec([NODE, '-e', PROBE])).output)
const [, healthCheck = ''] = /^HEALTHCHECK .* CMD (.+)$/m.exec(await readFile('Dockerfile', 'utf8')) ?? []
/** As Docker runs a HEALTHCHECK. */
const health = () => container.exec(['/bin/sh', '-c', healthCheck])

t.test('image › says what it is, who it runs as and where it listens, for both architectures', async t => {
  for (const architecture of ARCHITECTURES)
    t.match(images[architecture], {
      architecture,
      created: '2026-11-22T23:02:03Z',
      config: {
        User: '64080:64080',
        ExposedPorts: { '8080/tcp': {} },
        Entrypoint: ['health-sidecar'],
        Cmd: ['serve'],
        Volumes: { '/run/health-sidecar': {} },
        StopSignal: 'SIGTERM',
        Labels: {
          'org.opencontainers.image.title': 'health-sidecar',
          'org.opencontainers.image.description': /./,
          'org.opencontainers.image.version': version,
          'org.opencontainers.image.licenses': 'MIT',
          'org.opencontainers.image.base.name': base,
          'org.opencontainers.image.revision': SOURCE.SOURCE_REVISION,
          'org.opencontainers.image.source': SOURCE.SOURCE_URL,
          'org.opencontainers.image.created': '2026-11-22T23:02:03.000Z',
        },
      },
    })
})

t.test('image › has the Node of its architecture, and a directory of its own user', async t => {
  const machines = { amd64: 'X86-64', arm64: 'AArch64' }
  for (const architecture of ARCHITECTURES) {
    const { root } = images[architecture]
    const node = join(root, 'usr/lib/health-sidecar/node')
    const { stdout } = await promisify(execFile)('readelf', ['--file-header', node])
    t.match(stdout, new RegExp(`Machine: .*${machines[architecture]}`))
    const { uid, gid, mode } = await stat(join(root, 'run/health-sidecar'))
    t.strictSame([uid, gid, mode & 0o22], [64080, 64080, 0])
    const program = await stat(join(root, 'usr/bin/health-sidecar'))
    t.strictSame([program.uid, program.mode & 0o777], [0, 0o755])
  }
})

t.test('image › gives licences along, and a list of all parts', async t => {
  const inside = packagesIn(bundleProgram(scratch))
  for (const architecture of ARCHITECTURES) {
    const read = (name: string) =>
      readFile(join(images[architecture].root, 'usr/share/doc/health-sidecar', name), 'utf8')
    const sbom = await read('sbom.cdx.json')
    t.equal(await faultsOf(sbom), null)
    t.strictSame(librariesOf(sbom), inside)
    t.strictSame(nodesOf(sbom), [`pkg:npm/${NODE_PACKAGES[architecture]}@${process.versions.node}`])
    const copyright = await read('copyright')
    t.strictSame(
      Array.from(copyright.matchAll(/^Files: (.+)$/gm), ([, files]) => files),
      ['*', 'usr/lib/health-sidecar/node', ...inside.map(name => `node_modules/${name}/*`)],
    )
    const licences = copyright.split(/^Files: .+$/m).slice(1)
    t.strictSame(
      licences.filter(licence => !/^ .*(?:permission|redistribution)/im.test(licence)),
      [],
      'each with its text',
    )
  }
})

t.test('image › is made again to the very same bytes, also for one architecture alone', async t => {
  const again = await buildImage(join(built, 'again'), { base, architectures: [NATIVE] })
  const { manifestOf } = await openArchive(again, join(built, 'again/layout'))
  t.equal(manifestOf(NATIVE).digest, image.digest)
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
  t.equal(program, NODE)
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
