import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import type { StatusDocument } from '../../src/status/status-document.ts'
import { freePort } from '../support/free-port.ts'
import { startPostgres } from '../support/postgres.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { MAIN, runCommand } from '../support/run-command.ts'
import { startSidecar } from '../support/sidecar.ts'
import { createApp } from './app.ts'
import { latestMigration, migrations, writeMigrations } from './release.ts'

export const PREFERRED_PORT = 8080
const PREFERRED_PAGE_PORT = 9180

/** Something that can be wrong with the host, and put right again. */
export interface Trouble {
  /** What brings it about, and ends it, on the keyboard. */
  readonly key: string
  /** What to do, in a few words. */
  readonly breaks: string
  readonly mends: string
  readonly isOn: () => boolean
  readonly toggle: () => Promise<void>
}

/** What the load balancer is told at one moment, and what the admin listener says of it. */
export interface Observation {
  readonly answer: number
  readonly document: StatusDocument
}

/** One web app with its database and its sidecar, all real, on this machine. */
export interface Host extends AsyncDisposable {
  readonly port: number
  /** of the status page, for a browser */
  readonly pageUrl: string
  readonly places: {
    readonly appSocket: string
    readonly adminSocket: string
    readonly database: string
    readonly envFile: string
    readonly migrations: string
    readonly log: string
  }
  readonly sidecarPid: () => number
  readonly troubles: readonly Trouble[]
  observe(): Promise<Observation>
  /** `health-sidecar status --watch`, on this terminal or into a pipe. */
  watch(stdio: 'inherit' | ['ignore', 'pipe', 'inherit']): ChildProcess
  /** Another release, and with it the sidecar, starts anew: it must prove itself. */
  deploy(): Promise<void>
  /** SIGTERM to the sidecar; answers its exit code. */
  stopSidecar(): Promise<number | null>
}

/** Short distances, for people to watch: the defaults suit a host. */
const cadence = { interval: '1s', fresh_for: '200ms', timeout: '1s' }

/** Starts it all. What has been started ends, and leaves nothing, when the host is disposed of or this process ends. */
export const startHost = async (): Promise<Host> => {
  await using untilStarted = new AsyncDisposableStack()
  const scratch = untilStarted.use(await createScratchDirectory('hs-demo-'))
  const postgres = untilStarted.use(await startPostgres())
  const database = await postgres.createDatabase()
  const databaseUrl = postgres.url({ database })
  await postgres.query('create table products as select unnest($1::text[]) as name', {
    database,
    values: [['Teapot', 'Kettle', 'Cosy']],
  })
  await postgres.query(
    'create table django_migrations (app text, name text, applied timestamptz default now())',
    { database },
  )
  const apply = async (pairs: typeof migrations) => {
    for (const pair of pairs)
      await postgres.query('insert into django_migrations values ($1, $2)', { database, values: pair })
  }
  await apply(migrations)

  const release = join(scratch.path, 'release')
  const apps = await writeMigrations(release)
  const releaseFile = join(scratch.path, 'RELEASE')
  let releases = 0
  const writeRelease = () => writeFile(releaseFile, `2026.11.${(releases += 1)}\n`)
  await writeRelease()

  const envFile = join(scratch.path, 'app.env')
  const writeEnv = (paymentKey: string) =>
    writeFile(
      envFile,
      `DATABASE_URL=${databaseUrl}\nSECRET_KEY=only-for-the-demo\nPAYMENT_KEY=${paymentKey}\n`,
    )
  const paymentKey = 'only-for-the-demo-too'
  await writeEnv(paymentKey)

  const appSocket = join(scratch.path, 'app.sock')
  const app = createApp({
    socket: appSocket,
    async products() {
      const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 500 })
      client.on('error', () => {})
      try {
        await client.connect()
        return (await client.query<{ name: string }>('select name from products')).rows.map(row => row.name)
      } finally {
        await client.end()
      }
    },
  })
  await app.start()
  untilStarted.defer(() => app.stop())

  const port = await freePort(PREFERRED_PORT)
  const source = { env_file: envFile, variable: 'DATABASE_URL' }
  const pageListener = `127.0.0.1:${await freePort(PREFERRED_PAGE_PORT)}`
  const config = {
    admin: { socket: join(scratch.path, 'admin.sock'), listen: pageListener },
    release: `file:${releaseFile}`,
    deadline: '2s',
    startup: { healthy_threshold: 3 },
    drain: { wait: '1s' },
    checks: [
      {
        name: 'homepage',
        type: 'smoke',
        target: `http+unix:${appSocket}`,
        expect: { status: 200, body: 'Welcome' },
        depends_on: ['database'],
        ...cadence,
      },
      { name: 'migrations', type: 'migrations', tool: 'django', database: source, apps, ...cadence },
      {
        name: 'env',
        type: 'env',
        files: [envFile],
        required: ['SECRET_KEY', 'DATABASE_URL', 'PAYMENT_KEY'],
        ...cadence,
      },
      { name: 'database', type: 'postgres', database: source, required: false, ...cadence },
    ],
  }
  let sidecar = await startSidecar({ scratch, port, config })
  untilStarted.defer(() => sidecar[Symbol.asyncDispose]())

  const on = { migration: false, variable: false, database: false, drain: false }
  const { app: label, name } = latestMigration
  const troubles: readonly Trouble[] = [
    {
      key: 'm',
      breaks: `unapply the migration ${label}.${name}`,
      mends: `apply the migration ${label}.${name}`,
      isOn: () => on.migration,
      async toggle() {
        if (on.migration) await apply([[label, name]])
        else
          await postgres.query('delete from django_migrations where app = $1 and name = $2', {
            database,
            values: [label, name],
          })
        on.migration = !on.migration
      },
    },
    {
      key: 'v',
      breaks: 'empty the variable PAYMENT_KEY',
      mends: 'fill in the variable PAYMENT_KEY',
      isOn: () => on.variable,
      async toggle() {
        await writeEnv(on.variable ? paymentKey : '')
        on.variable = !on.variable
      },
    },
    {
      key: 'p',
      breaks: 'make the page fail',
      mends: 'repair the page',
      isOn: () => app.isBroken,
      async toggle() {
        app.isBroken = !app.isBroken
      },
    },
    {
      key: 'b',
      breaks: 'make the app busy: it answers late',
      mends: 'take the load from the app',
      isOn: () => app.isSlow,
      async toggle() {
        app.isSlow = !app.isSlow
      },
    },
    {
      key: 'a',
      breaks: 'stop the app',
      mends: 'start the app',
      isOn: () => !app.isRunning,
      toggle: () => (app.isRunning ? app.stop() : app.start()),
    },
    {
      key: 'd',
      breaks: 'stop the database',
      mends: 'start the database',
      isOn: () => on.database,
      async toggle() {
        await (on.database ? postgres.start() : postgres.stop())
        on.database = !on.database
      },
    },
  ]

  const drained: Trouble = {
    key: 'o',
    breaks: 'take the host out (health-sidecar drain)',
    mends: 'put the host back (health-sidecar resume)',
    isOn: () => on.drain,
    async toggle() {
      const args = on.drain ? ['resume'] : ['drain', '--reason', 'demo', '--for', '10m']
      const { code, stderr } = await runCommand([...args, '--config', sidecar.configFile])
      if (code !== 0) throw new Error(stderr)
      on.drain = !on.drain
    },
  }

  const owned = untilStarted.move()
  return {
    port,
    pageUrl: `http://${pageListener}/`,
    places: {
      appSocket,
      adminSocket: sidecar.adminSocket,
      database: `${postgres.host}:${postgres.port}`,
      envFile,
      migrations: release,
      log: sidecar.logFile,
    },
    sidecarPid: () => sidecar.pid,
    troubles: [...troubles, drained],
    watch: stdio =>
      spawn(process.execPath, [MAIN, 'status', '--watch', '--config', sidecar.configFile], { stdio }),
    async observe() {
      const { status: answer } = await sidecar.probe()
      return { answer, document: await sidecar.status() }
    },
    async deploy() {
      await sidecar.stop()
      await writeRelease()
      sidecar = await startSidecar({ scratch, port, config })
    },
    stopSidecar: () => sidecar.stop(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
