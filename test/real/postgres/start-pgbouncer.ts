import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../../support/free-port.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'

export const MAX_CLIENTS = 8
export const PGBOUNCER = '/usr/sbin/pgbouncer'

interface PgbouncerOptions {
  /** Lines of its section [databases]. */
  readonly databases: readonly string[]
  /** Passwords by user. */
  readonly users: Readonly<Record<string, string>>
}

/** A pgbouncer in transaction mode. */
export const startPgbouncer = async ({
  databases,
  users,
}: PgbouncerOptions): Promise<{ readonly port: number } & AsyncDisposable> => {
  await using untilStarted = new AsyncDisposableStack()
  const scratch = untilStarted.use(await createScratchDirectory('hs-pgbouncer-'))
  await chmod(scratch.path, 0o755)
  const port = await freePort()
  const userFile = join(scratch.path, 'users')
  const lines = Object.entries(users).map(([user, password]) => `"${user}" "${password}"\n`)
  await writeFile(userFile, lines.join(''), { mode: 0o644 })
  const config = join(scratch.path, 'pgbouncer.ini')
  await writeFile(
    config,
    `[databases]
${databases.join('\n')}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${userFile}
pool_mode = transaction
max_client_conn = ${MAX_CLIENTS}
default_pool_size = 20
query_wait_timeout = 1
server_connect_timeout = 1
server_login_retry = 1
`,
    { mode: 0o644 },
  )
  const asUser = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const pgbouncer = spawn(PGBOUNCER, [config], { ...asUser, stdio: ['ignore', 'ignore', 'pipe'] })
  scratch.adopt(pgbouncer, 'SIGKILL')
  for await (const line of createInterface({ input: pgbouncer.stderr }))
    if (line.includes('process up')) break
  pgbouncer.stderr.resume()
  const owned = untilStarted.move()
  return {
    port,
    async [Symbol.asyncDispose]() {
      const exited = once(pgbouncer, 'exit')
      pgbouncer.kill('SIGTERM')
      pgbouncer.kill('SIGKILL')
      await exited
      await owned.disposeAsync()
    },
  }
}
