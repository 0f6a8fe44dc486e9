import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startPostgres } from '../support/postgres.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

// `check` from its start to its exit, with a check of each kind that passes, beside a Node that does nothing, in one run:
// as the package installs it, and by the one file alone.

const ROUNDS = 5
/** Runs of one command in a row: the kernel tells CPU time in ticks of 10 ms. */
const RUNS = 8

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** Ticks of CPU that children which have ended have used: the 16th and 17th field of /proc/PID/stat. */
const cpuTicksOfChildren = async (): Promise<number> => {
  const fields = (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]?.split(' ') ?? []
  return Number(fields[13]) + Number(fields[14])
}

await using scratch = await createScratchDirectory('health-sidecar-bench-')
await using postgres = await startPostgres()
const database = await postgres.createDatabase()
await postgres.query(
  `create table django_migrations (id serial, app text, name text, applied timestamptz);
   insert into django_migrations (app, name) values ('catalog', '0001_initial')`,
  { database },
)
const file = (name: string) => join(scratch.path, name)
await mkdir(file('migrations'))
await writeFile(file('migrations/__init__.py'), '')
await writeFile(
  file('migrations/0001_initial.py'),
  'from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = []\n',
)
await writeFile(file('env'), `SECRET_KEY=only-for-a-bench\nDATABASE_URL=${postgres.url({ database })}\n`)
const app = createServer((_request, response) => response.end('Welcome')).listen(file('app.sock'))
await once(app, 'listening')
await writeFile(
  file('config.yaml'),
  stringify({
    checks: [
      { name: 'page', type: 'smoke', target: `http+unix:${file('app.sock')}`, expect: { body: 'Welcome' } },
      {
        name: 'migrations',
        type: 'migrations',
        tool: 'django',
        database: { env_file: file('env'), variable: 'DATABASE_URL' },
        apps: { catalog: file('migrations') },
      },
      { name: 'env', type: 'env', files: [file('env')], required: ['SECRET_KEY', 'DATABASE_URL'] },
    ],
  }),
)

/** The package's folder and its launcher, elsewhere. */
const install = async (program: string): Promise<string> => {
  const folder = file('installed')
  const packaged = (name: string) => join(import.meta.dirname, '../../packaging', name)
  await mkdir(folder)
  await symlink(process.execPath, join(folder, 'node'))
  await copyFile(program, join(folder, 'health-sidecar.js'))
  for (const name of ['compile.cjs', 'compiled.cjs']) await copyFile(packaged(name), join(folder, name))
  const launcher = await readFile(packaged('launcher'), 'utf8')
  await writeFile(join(folder, 'launcher'), launcher.replaceAll('/usr/lib/health-sidecar/', `${folder}/`), {
    mode: 0o755,
  })
  await runToItsEnd([process.execPath, join(folder, 'compile.cjs')])
  return join(folder, 'launcher')
}

const runToItsEnd = async ([command = '', ...args]: readonly string[]): Promise<number> => {
  const began = performance.now()
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`exit code ${code}`)
  return performance.now() - began
}

const cost = async (command: readonly string[]) => {
  const before = await cpuTicksOfChildren()
  const tookMs: number[] = []
  for (let run = 0; run < RUNS; run += 1) tookMs.push(await runToItsEnd(command))
  return { tookMs: median(tookMs), ticks: (await cpuTicksOfChildren()) - before }
}

const program = join(import.meta.dirname, '../../dist/health-sidecar.js')
const check = ['check', '--config', file('config.yaml')]
const ways = [
  { name: 'check as installed', command: [await install(program), ...check] },
  { name: 'check by the one file', command: [process.execPath, program, ...check] },
].map(way => ({ ...way, cpu: [] as number[], time: [] as number[] }))

for (let round = 0; round < ROUNDS; round += 1) {
  const node = await cost([process.execPath, '-e', '0'])
  for (const way of ways) {
    const { ticks, tookMs } = await cost(way.command)
    way.cpu.push(ticks / node.ticks)
    way.time.push(tookMs / node.tookMs)
  }
}
app.close()

for (const { name, cpu, time } of ways) {
  const shown = (ratios: readonly number[]): string =>
    `${median(ratios).toFixed(2)} (rounds: ${ratios.map(ratio => ratio.toFixed(2)).join(' ')})`
  console.log(`CPU of ${name}, three checks / of node -e 0: ${shown(cpu)}`)
  console.log(`time of the same, from start to exit: ${shown(time)}`)
}
