import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'
import { stringify } from 'yaml'
import { freePort } from '../support/free-port.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

// The public path beside a bare node:http server with the same body, in one run. The load comes from this process, which is no
// faster than the servers, so what is compared is what each answer costs them: answers per second of the server's own CPU.

/** Short turns, many times: whatever else the machine does then falls on both alike. */
const ROUNDS = 100
const ANSWERS_A_ROUND = 1000
/** Until V8 has compiled what it is going to: a sidecar runs for weeks. */
const WARMING_ANSWERS = 50_000
const STARTS = 5
const ANSWERS = 10_000
const CONNECTIONS = 10
/** The probes before a measurement of memory come in so many parts. */
const PARTS = 10

const BARE = `
  const body = '{"status":"pass"}'
  const headers = {
    'content-type': 'application/health+json',
    'cache-control': 'no-store',
    'content-length': body.length,
  }
  require('node:http')
    .createServer((request, response) => response.writeHead(200, headers).end(body))
    .listen(Number(process.argv[1]), '127.0.0.1')`

/** Seconds of CPU that the threads of a process have used: the first field of each one's schedstat, in nanoseconds. */
const cpuSeconds = ({ pid }: ChildProcess): number => {
  const tasks = `/proc/${pid}/task`
  const nanoseconds = readdirSync(tasks).map(task =>
    Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
  )
  return nanoseconds.reduce((a, b) => a + b, 0) / 1e9
}

/** MiB that are a process's alone. */
const privateMebibytes = ({ pid }: ChildProcess): number => {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kibibytes = Array.from(rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm), ([, size]) =>
    Number(size),
  )
  return kibibytes.reduce((a, b) => a + b, 0) / 1024
}

const ask = async (pool: Pool): Promise<number> => {
  const { statusCode, body } = await pool.request({ path: '/health', method: 'GET' })
  await body.dump()
  return statusCode
}

const askOften = async (pool: Pool, answers: number): Promise<void> => {
  const asker = async () => {
    for (let i = 0; i < answers / CONNECTIONS; i += 1)
      if ((await ask(pool)) !== 200) throw new Error('an answer that was not 200')
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, asker))
}

const untilItAnswers = async (pool: Pool): Promise<void> => {
  const until = performance.now() + 30_000
  while ((await ask(pool).catch(() => 0)) !== 200) {
    if (performance.now() > until) throw new Error('no 200 in 30 seconds')
    await delay(50)
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

await using scratch = await createScratchDirectory('health-sidecar-bench-')
const socket = join(scratch.path, 'app.sock')
const app = createServer((_request, response) => response.end('page')).listen(socket)
await once(app, 'listening')

interface Server {
  readonly child: ChildProcess
  readonly pool: Pool
}

const launch = async (args: readonly string[], port: number): Promise<Server> => {
  const child = spawn(process.execPath, args, { cwd: scratch.path, stdio: ['ignore', 'ignore', 'inherit'] })
  scratch.adopt(child)
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS })
  await untilItAnswers(pool)
  return { child, pool }
}

const [barePort, sidecarPort, adminPort] = [await freePort(), await freePort(), await freePort()]

/** Writes a configuration, and answers its path. */
const configure = async (name: string, admin: object): Promise<string> => {
  const file = join(scratch.path, name)
  const settings = {
    listen: `127.0.0.1:${sidecarPort}`,
    admin: { socket: join(scratch.path, 'admin.sock'), ...admin },
    state_dir: scratch.path,
    startup: { healthy_threshold: 1 },
    checks: [{ name: 'page', type: 'smoke', target: `http+unix:${socket}` }],
  }
  await writeFile(file, stringify(settings))
  return file
}
const config = await configure('config.yaml', {})
const configWithMetrics = await configure('metrics.yaml', { listen: `127.0.0.1:${adminPort}` })
/** as it is installed */
const launcher = readFileSync(join(import.meta.dirname, '../../packaging/launcher'), 'utf8')
const flags = /^daemon='(--.*)'$/m.exec(launcher)?.[1]?.split(' ') ?? []
const program = join(import.meta.dirname, '../../dist/health-sidecar.js')
const servers = {
  bare: () => launch(['-e', BARE, String(barePort)], barePort),
  sidecar: () => launch([...flags, program, 'serve', '--config', config], sidecarPort),
  withMetrics: () => launch([...flags, program, 'serve', '--config', configWithMetrics], sidecarPort),
}

const scrape = async (): Promise<void> => {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/metrics`)
  if (!(await answer.text()).includes('health_sidecar_serving 1'))
    throw new Error('a scrape of a host that is out')
}

const stop = async ({ child, pool }: Server): Promise<void> => {
  await pool.destroy()
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/**
 * Of a server that has been started for it: how much of it V8 keeps differs from start to start. Between the probes,
 * somebody may ask it for something else.
 */
const memoryAfterProbes = async (
  start: () => Promise<Server>,
  meanwhile: () => Promise<void> = async () => {},
): Promise<number> => {
  const server = await start()
  for (let part = 0; part < PARTS; part += 1) {
    await askOften(server.pool, ANSWERS / PARTS)
    await meanwhile()
  }
  const mebibytes = privateMebibytes(server.child)
  await stop(server)
  return mebibytes
}

const memory: { readonly bare: number; readonly sidecar: number; readonly withMetrics: number }[] = []
for (let round = 0; round < STARTS; round += 1)
  memory.push({
    bare: await memoryAfterProbes(servers.bare),
    sidecar: await memoryAfterProbes(servers.sidecar),
    withMetrics: await memoryAfterProbes(servers.withMetrics, scrape),
  })

const bare = await servers.bare()
const sidecar = await servers.sidecar()

const cpuSecondsFor = async ({ child, pool }: Server): Promise<number> => {
  const before = cpuSeconds(child)
  await askOften(pool, ANSWERS_A_ROUND)
  return cpuSeconds(child) - before
}

await askOften(bare.pool, WARMING_ANSWERS)
await askOften(sidecar.pool, WARMING_ANSWERS)
const ratios: number[] = []
for (let round = 0; round < ROUNDS; round += 1) {
  const ofBare = await cpuSecondsFor(bare)
  ratios.push(ofBare / (await cpuSecondsFor(sidecar)))
}
const quartile = (n: number): string => (ratios.toSorted((a, b) => a - b)[(ROUNDS * n) >> 2] ?? 0).toFixed(2)
console.log(
  `answers per second of CPU, sidecar / bare node:http: ${quartile(2)} (aim: at least 0.9; half of ${ROUNDS} rounds: ${quartile(1)} to ${quartile(3)})`,
)
const tellMemory = (what: string, ratios: readonly number[]): void =>
  console.log(
    `private memory after ${ANSWERS} probes, ${what} / bare node:http: ${median(ratios).toFixed(2)} (aim: at most 1.6; starts: ${ratios.map(ratio => ratio.toFixed(2)).join(' ')})`,
  )
tellMemory(
  'sidecar',
  memory.map(({ bare: ofBare, sidecar: ofSidecar }) => ofSidecar / ofBare),
)
tellMemory(
  `sidecar with admin.listen and ${PARTS} scrapes`,
  memory.map(({ bare: ofBare, withMetrics }) => withMetrics / ofBare),
)
const costs = memory.map(({ sidecar: without, withMetrics }) => withMetrics - without)
console.log(
  `metrics cost ${median(costs).toFixed(1)} MiB of ${median(memory.map(({ sidecar: all }) => all)).toFixed(1)} MiB`,
)

await stop(bare)
await stop(sidecar)
app.close()
