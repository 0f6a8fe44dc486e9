import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startPostgres } from '../support/postgres.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

// `check` from its start to its exit, with a check of each kind that passes, beside a Node that does nothing, in one run.

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

const program = join(import.meta.dirname, '../../dist/health-sidecar.js')
const commands = {
  node: ['-e', '0'],
  check: [program, 'check', '--config', file('config.yaml')],
}

const runToItsEnd = async (args: readonly string[]): Promise<number> => {
  const began = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`exit code ${code}`)
  return performance.now() - began
}

const cost = async (args: readonly string[]) => {
  const before = await cpuTicksOfChildren()
  const tookMs: number[] = []
  for (let run = 0; run < RUNS; run += 1) tookMs.push(await runToItsEnd(args))
  return { tookMs: median(tookMs), ticks: (await cpuTicksOfChildren()) - before }
}

const ratios: { readonly cpu: number; readonly time: number }[] = []
for (let round = 0; round < ROUNDS; round += 1) {
  const node = await cost(commands.node)
  const check = await cost(commands.check)
  ratios.push({ cpu: check.ticks / node.ticks, time: check.tookMs / node.tookMs })
}
app.close()

const shown = (values: readonly number[]): string =>
  `${median(values).toFixed(2)} (aim: at most 3; rounds: ${values.map(value => value.toFixed(2)).join(' ')})`
console.log(`CPU of check with three checks / of node -e 0: ${shown(ratios.map(({ cpu }) => cpu))}`)
console.log(`time of the same, from start to exit: ${shown(ratios.map(({ time }) => time))}`)
