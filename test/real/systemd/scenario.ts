// Runs on a booted Debian, as root: does with the installed service what an operator, a fault or a balancer would, and
// prints what was seen as JSON.
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { codeOrUnknown } from '../../../src/lib/describe-error.ts'

const run = promisify(execFile)
const SERVICE = 'health-sidecar.service'
const SOCKET = 'health-sidecar.socket'
const CONFIG = '/etc/health-sidecar/health-sidecar.yaml'
const DROP_INS = `/etc/systemd/system/${SERVICE}.d`

/** Properties of a unit, by their names. */
const show = async (names: readonly string[], unit = SERVICE): Promise<Readonly<Record<string, string>>> => {
  const { stdout } = await run('systemctl', ['show', ...names.map(name => `--property=${name}`), unit])
  return Object.fromEntries(
    stdout.split('\n').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

const property = async (name: string, unit = SERVICE): Promise<string> =>
  (await show([name], unit))[name] ?? ''

/** The exit code of systemctl, and what it says of an error. */
const systemctlSays = async (
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly said: string }> =>
  run('systemctl', [...args], { timeout: 30_000 }).then(
    ({ stderr }) => ({ code: 0, said: stderr }),
    (error: { readonly code: number; readonly stderr: string }) => ({ code: error.code, said: error.stderr }),
  )

const systemctl = async (...args: readonly string[]): Promise<number> => (await systemctlSays(...args)).code

/** Waits until a property is as it should be, for 15 s at most; answers what it was at last. */
const until = async (name: string, isReached: (value: string) => boolean): Promise<string> => {
  for (let tries = 0; tries < 150; tries += 1) {
    const value = await property(name)
    if (isReached(value)) return value
    await delay(100)
  }
  return property(name)
}

const untilStatus = (isReached: (text: string) => boolean) => until('StatusText', isReached)
const isServing = (text: string) => text === '200 serving'

type Outcomes = Record<string, number>

/** One probe on a connection of its own: its status, or the code of what became of it. */
const probe = (port = 80): Promise<string> =>
  new Promise(resolve => {
    const request = get({ host: '127.0.0.1', port, path: '/health', agent: false }, response => {
      response.resume().on('end', () => resolve(String(response.statusCode)))
      response.on('error', error => resolve(codeOrUnknown(error)))
    })
    request.setTimeout(10_000, () => request.destroy())
    request.on('error', error => resolve(codeOrUnknown(error)))
  })

/** Probes 200 times a second while something is done; answers how many came to what. */
const probedWhile = async (work: () => Promise<void>): Promise<Outcomes> => {
  const under: Promise<string>[] = []
  const timer = setInterval(() => under.push(probe()), 5)
  await work()
  clearInterval(timer)
  const outcomes: Outcomes = {}
  for (const outcome of await Promise.all(under)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  return outcomes
}

const kill = async (signal: NodeJS.Signals): Promise<void> => {
  const pid = Number(await until('MainPID', value => value !== '0'))
  if (!(pid > 1)) throw new Error('the service has no process')
  process.kill(pid, signal)
}

const configure = (checks: string, { others = '', drain = '0s' } = {}) =>
  writeFile(
    CONFIG,
    `listen: systemd\nstartup: { healthy_threshold: 1 }\ndrain: { wait: ${drain} }\n${others}checks:\n${checks}`,
  )

const checks = `
  - { name: page, type: smoke, target: 'http+unix:/run/app/app.sock', interval: 200ms, timeout: 300ms, fresh_for: 100ms }
  - { name: env, type: env, files: ['\${CREDENTIALS_DIRECTORY}/app-env'], required: [KEY], interval: 200ms, timeout: 300ms, fresh_for: 100ms }
`

const app = `
require('node:http').createServer((_, response) => response.end('Welcome'))
  .listen('/run/app/app.sock', () => require('node:fs').chmodSync('/run/app/app.sock', 0o660))
`

const appUnit = `
[Service]
User=www-data
RuntimeDirectory=app
RuntimeDirectoryMode=0750
ExecStart=/usr/lib/health-sidecar/node /srv/app.cjs
`

const dropIn = `
[Service]
SupplementaryGroups=www-data
LoadCredential=app-env:/etc/app-env
WatchdogSec=4s
RestartSec=100ms
`

const install = async (): Promise<void> => {
  await run('systemd-sysusers')
  await writeFile('/srv/app.cjs', app)
  await writeFile('/etc/systemd/system/app.service', appUnit)
  await writeFile('/etc/app-env', 'KEY=1\n', { mode: 0o600 })
  await mkdir(DROP_INS, { recursive: true })
  await mkdir('/etc/health-sidecar', { recursive: true })
  await writeFile(`${DROP_INS}/app.conf`, dropIn)
  await configure(checks)
  await systemctl('daemon-reload')
}

/** The rest of a host, of which the service knows nothing. */
const startApp = async () => void (await systemctl('start', 'app.service'))

const starts = async () => {
  const code = await systemctl('start', SERVICE)
  const withoutApp = await untilStatus(text => text.includes('page'))
  const properties = await show(['ActiveState', 'Type', 'WatchdogUSec', 'User', 'LimitCORE'])
  const probed = await probe()
  await startApp()
  return { code, withoutApp, properties, probed, withApp: await untilStatus(isServing) }
}

/** More kills within 10 s than systemd's default limit on starts. */
const killed = async () => {
  const outcomes = await probedWhile(async () => {
    for (let times = 0; times < 7; times += 1) {
      const before = await property('NRestarts')
      await delay(200)
      await kill('SIGKILL')
      await until('NRestarts', now => now !== before)
      await until('ActiveState', state => state === 'active' || state === 'failed')
      if ((await property('ActiveState')) === 'failed') break
    }
    await untilStatus(isServing)
  })
  return { outcomes, restarts: await property('NRestarts'), socket: await property('ActiveState', SOCKET) }
}

const restarted = async () => {
  let code = 1
  const outcomes = await probedWhile(async () => {
    await delay(300)
    code = await systemctl('restart', SERVICE)
    await untilStatus(isServing)
  })
  return { code, outcomes }
}

const stopped = async () => {
  const before = await property('NRestarts')
  await kill('SIGSTOP')
  const waiting = probe()
  const after = await until('NRestarts', now => now !== before)
  const status = await untilStatus(isServing)
  const { stdout } = await run('journalctl', ['--unit', SERVICE, '--output=cat'])
  return {
    restarts: Number(after) - Number(before),
    status,
    probed: await waiting,
    said: /Watchdog timeout/.test(stdout),
    notified: !/notify\.failed/.test(stdout),
  }
}

/** A configuration whose checks are asked seldom, and then the one before. */
const reloaded = async () => {
  const pid = await property('MainPID')
  const unit = await property('WatchdogUSec')
  await configure(checks.replaceAll('interval: 200ms', 'interval: 20s'))
  const code = await systemctl('reload', SERVICE)
  const seldom = await until('WatchdogUSec', value => value !== unit)
  const status = await untilStatus(isServing)
  await configure(checks)
  await systemctl('reload', SERVICE)
  const often = await until('WatchdogUSec', value => value !== seldom)
  return {
    code,
    unit,
    seldom,
    often,
    status,
    isSameProcess: pid === (await property('MainPID')),
    state: await property('ActiveState'),
  }
}

/** A drain that takes longer than the unit gives a stop. */
const drained = async () => {
  const short = `${DROP_INS}/stop.conf`
  await writeFile(short, '[Service]\nTimeoutStopSec=1s\n')
  await systemctl('daemon-reload')
  await configure(checks, { drain: '4s' })
  await systemctl('reload', SERVICE)
  await untilStatus(isServing)
  const stopping = systemctl('stop', SERVICE)
  const said = await untilStatus(text => text.includes('draining'))
  await delay(2500)
  const probed = await probe()
  await stopping
  const { Result: result } = await show(['Result'])
  await rm(short)
  await systemctl('daemon-reload')
  await configure(checks)
  await systemctl('start', SERVICE)
  return { said, probed, result, again: await untilStatus(isServing) }
}

const misconfigured = async () => {
  await configure(checks, { others: 'nonsense: 1\n' })
  const restart = await systemctlSays('restart', SERVICE)
  await until('ActiveState', state => state === 'failed')
  const outcomes = await probedWhile(() => delay(1500))
  const properties = await show(['ActiveState', 'NRestarts', 'ExecMainStatus'])
  const socket = await property('ActiveState', SOCKET)
  await configure(checks)
  const code = await systemctl('start', SERVICE)
  return { restart, outcomes, properties, socket, code, mended: await untilStatus(isServing) }
}

/** A drop-in that adds another port to the socket's own. */
const withPorts = async () => {
  const dropIns = `/etc/systemd/system/${SOCKET}.d`
  await mkdir(dropIns)
  await writeFile(`${dropIns}/port.conf`, '[Socket]\nListenStream=8081\n')
  await systemctl('daemon-reload')
  const code = await systemctl('restart', SOCKET)
  const probed = [await probe(), await probe(8081)]
  await rm(dropIns, { recursive: true })
  await systemctl('daemon-reload')
  await systemctl('restart', SOCKET)
  return { code, probed, ended: await untilStatus(isServing) }
}

/** The unit as it comes, but with a group that is not there. */
const unstartable = async () => {
  await writeFile(`${DROP_INS}/app.conf`, '[Service]\nSupplementaryGroups=nowhere\n')
  await systemctl('daemon-reload')
  await systemctl('restart', SERVICE)
  const before = Number(await property('NRestarts'))
  await delay(4000)
  const tries = Number(await property('NRestarts')) - before
  await writeFile(`${DROP_INS}/app.conf`, dropIn)
  await systemctl('daemon-reload')
  return { tries, mended: await untilStatus(isServing) }
}

/** Logins of a database from credentials. Nobody listens there, so that one that is found is at least tried. */
const credentials = async () => {
  const sources = {
    password: `{ url: 'postgres://app@127.0.0.1:1/app', password_file: '\${CREDENTIALS_DIRECTORY}/database-password' }`,
    env: `{ env_file: '\${CREDENTIALS_DIRECTORY}/app-env', variable: DATABASE_URL }`,
  }
  const found: Record<string, string> = {}
  await mkdir('/etc/credstore', { recursive: true, mode: 0o700 })
  for (const [name, database] of Object.entries(sources)) {
    await configure(
      `${checks}  - { name: database, type: postgres, required: false, interval: 1s, database: ${database} }\n`,
    )
    await systemctl('restart', SERVICE)
    found[`${name} missing`] = await untilStatus(
      text => text.includes('database: ') && !text.includes('not answered'),
    )
    await writeFile('/etc/credstore/health-sidecar.database-password', 'kept secret\n', { mode: 0o600 })
    await writeFile('/etc/app-env', 'KEY=1\nDATABASE_URL=postgres://app:kept%20secret@127.0.0.1:1/app\n')
    await systemctl('restart', SERVICE)
    found[name] = await untilStatus(text => text.includes('refuses'))
    await writeFile('/etc/app-env', 'KEY=1\n')
  }
  return found
}

const verify = (...args: readonly string[]) =>
  run('systemd-analyze', ['--no-pager', ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, said: `${stdout}${stderr}` }),
    (error: { readonly code: number; readonly stdout: string; readonly stderr: string }) => ({
      code: error.code,
      said: `${error.stdout}${error.stderr}`,
    }),
  )

/** What systemd says of the units with one of the examples, or with none. */
const analysed = async (examples: readonly string[]) => {
  await rm(DROP_INS, { recursive: true })
  await mkdir(DROP_INS)
  for (const example of examples) {
    await cp(`/repo/systemd/examples/${example}`, `${DROP_INS}/${example}`)
    await chmod(`${DROP_INS}/${example}`, 0o644)
  }
  await systemctl('daemon-reload')
  const { code, said } = await verify('verify', '--man=no', SERVICE, SOCKET)
  const { said: security } = await verify('security', SERVICE)
  const { stdout: text } = await run('systemctl', ['cat', SERVICE])
  return {
    code,
    complaints: said.split('\n').filter(line => line.includes('health-sidecar')),
    exposure: Number(/Overall exposure level for \S+: ([\d.]+)/.exec(security)?.[1]),
    inForce: examples.filter(example => text.includes(`# ${DROP_INS}/${example}`)),
  }
}

const [, , ...examples] = process.argv
await install()
const seen = {
  starts: await starts(),
  killed: await killed(),
  restarted: await restarted(),
  stopped: await stopped(),
  reloaded: await reloaded(),
  drained: await drained(),
  misconfigured: await misconfigured(),
  unstartable: await unstartable(),
  withPorts: await withPorts(),
  credentials: await credentials(),
  alone: await analysed([]),
  withExamples: [] as (Awaited<ReturnType<typeof analysed>> & { readonly example: string })[],
}
for (const example of examples) seen.withExamples.push({ example, ...(await analysed([example])) })
process.stdout.write(JSON.stringify(seen))

export type Seen = typeof seen
