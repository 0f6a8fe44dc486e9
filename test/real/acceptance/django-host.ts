import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { accepts } from '../../support/accepts.ts'
import { freePort } from '../../support/free-port.ts'
import type { TestPostgres } from '../../support/postgres.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'
import type { Sidecar } from '../../support/sidecar.ts'

const PROJECT = join(import.meta.dirname, '../app')
const MANIFEST_WRITER = join(import.meta.dirname, '../../../config/django/health_manifest.py')
const LISTEN_TIMEOUT_MS = 20_000

const run = promisify(execFile)

export type Switches = Readonly<Record<string, string>>

/** A host as a Django team would have it: a release of its own, gunicorn on a Unix socket, an env file. */
export interface DjangoHost extends AsyncDisposable {
  readonly database: string
  /** The directory of its release. */
  readonly release: string
  startApp(switches?: Switches): Promise<void>
  /** At once and with all workers, as a crash would; the socket's file stays. */
  killApp(): Promise<void>
  /** `manage.py` of the release. */
  manage(...args: readonly string[]): Promise<void>
  /** As a release's build does. */
  writeManifest(): Promise<void>
  /** Changes a file of the release: one text for another. */
  edit(file: string, from: string, to: string): Promise<void>
  /** Adds a file to the release. */
  add(file: string, text: string): Promise<void>
  /** Writes the env file: what is undefined is left out. */
  writeEnv(change?: Readonly<Record<string, string | undefined>>): Promise<void>
  startSidecar(): Promise<Sidecar>
}

const cadence = { interval: '1s', fresh_for: '100ms', timeout: '2s' }

/**
 * A host with a database of its own; nothing of it runs yet. Its release and its database are as those of `like`, or else
 * as the project is checked out, and not migrated.
 */
export const createDjangoHost = async (postgres: TestPostgres, like?: DjangoHost): Promise<DjangoHost> => {
  await using untilCreated = new AsyncDisposableStack()
  const scratch = untilCreated.use(await createScratchDirectory('hs-django-'))
  const release = join(scratch.path, 'release')
  const socket = join(scratch.path, 'app.sock')
  const envFile = join(scratch.path, 'env-vars')
  const manifest = join(release, 'migrations.json')
  await cp(like?.release ?? PROJECT, release, {
    recursive: true,
    filter: path => !path.endsWith('__pycache__') && !path.endsWith('.pyc'),
  })
  const database = like ? `like_${randomUUID().replaceAll('-', '')}` : await postgres.createDatabase()
  if (like) await postgres.query(`create database ${database} template ${like.database}`)
  const variables = {
    SECRET_KEY: 'only-for-tests',
    DATABASE_URL: postgres.url({ database }),
    API_KEY: 'abcdef',
  }
  const pythonEnv = (switches: Switches = {}) => ({
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    PYTHONDONTWRITEBYTECODE: '1',
    DJANGO_SETTINGS_MODULE: 'project.settings',
    DATABASE_URL: variables.DATABASE_URL,
    ...switches,
  })
  let app: ChildProcess | undefined

  const killApp = async () => {
    const killed = app
    app = undefined
    if (!killed?.pid || killed.exitCode !== null) return
    const exited = once(killed, 'exit')
    // the group that startApp has made, and nothing else
    process.kill(-killed.pid, 'SIGKILL')
    await exited
  }
  untilCreated.defer(killApp)

  const python = async (...args: readonly string[]) => {
    await run('python3', [...args], { cwd: release, env: pythonEnv() })
  }

  const owned = untilCreated.move()
  return {
    database,
    release,
    async startApp(switches) {
      await killApp()
      app = spawn('gunicorn', ['--workers', '1', '--bind', `unix:${socket}`, 'project.wsgi'], {
        cwd: release,
        env: pythonEnv(switches),
        stdio: 'ignore',
        detached: true,
      })
      await once(app, 'spawn')
      scratch.adopt(app)
      const until = performance.now() + LISTEN_TIMEOUT_MS
      while (!(await accepts({ path: socket }))) {
        if (app.exitCode !== null || performance.now() > until) throw new Error('gunicorn does not listen')
        await delay(20)
      }
    },
    killApp,
    manage: (...args) => python('manage.py', ...args),
    writeManifest: () => python(MANIFEST_WRITER, '--output', manifest),
    async edit(file, from, to) {
      const path = join(release, file)
      const text = await readFile(path, 'utf8')
      if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`)
      await writeFile(path, text.replace(from, to))
    },
    add: (file, text) => writeFile(join(release, file), text),
    async writeEnv(change = {}) {
      const lines = Object.entries<string | undefined>({ ...variables, ...change })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name}=${value}\n`)
      await writeFile(envFile, lines.join(''))
    },
    async startSidecar() {
      const source = { env_file: envFile, variable: 'DATABASE_URL' }
      const django = { type: 'migrations', tool: 'django', database: source, ...cadence }
      return await startSidecar({
        scratch,
        port: await freePort(),
        config: {
          startup: { healthy_threshold: 2 },
          drain: { wait: '0s' },
          checks: [
            {
              name: 'homepage',
              type: 'smoke',
              target: `http+unix:${socket}`,
              expect: { status: 200, body: 'Welcome' },
              depends_on: ['database'],
              ...cadence,
            },
            { name: 'by-apps', apps: { catalog: join(release, 'catalog/migrations') }, ...django },
            { name: 'by-manifest', manifest, ...django },
            { name: 'env', type: 'env', files: [envFile], required: Object.keys(variables), ...cadence },
            { name: 'database', type: 'postgres', database: source, required: false, ...cadence },
          ],
        },
      })
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
