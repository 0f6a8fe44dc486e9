import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { version } from '../src/version.ts'
import { startPostgres } from './support/postgres.ts'
import { createScratchDirectory } from './support/scratch-directory.ts'

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
