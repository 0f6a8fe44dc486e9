import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { openSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { StatusDocument } from '../../src/status/status-document.ts'
import { httpRequest } from './http-request.ts'
import type { Answer } from './http-request.ts'
import { MAIN } from './run-command.ts'
import type { ScratchDirectory } from './scratch-directory.ts'

// only a sidecar that is broken needs so long, however busy the machine is
const START_TIMEOUT_MS = 200_000
const WAIT_TIMEOUT_MS = 60_000
const POLL_MS = 20
/** How much of a log is worth reading where something is not in it: its end. */
const MAX_SHOWN = 4000

/** The real daemon: `serve` in a process of its own, on a TCP port of 127.0.0.1. */
export interface Sidecar extends AsyncDisposable {
  readonly pid: number
  readonly configFile: string
  readonly adminSocket: string
  readonly logFile: string
  /** What it writes, where it writes to a socket. Read by nobody else. */
  readonly output: Readable | null
  /** What the load balancer gets. */
  probe(): Promise<Answer>
  /** What the admin listener says. */
  status(): Promise<StatusDocument>
  /** Asks `status` until `isReached`. Throws, with the last document, where it is not within the time. */
  waitFor(isReached: (document: StatusDocument) => boolean): Promise<StatusDocument>
  /** The exit code, once it has ended; null where a signal has ended it. */
  readonly ended: Promise<number | null>
  /** Sends SIGTERM and answers the exit code. */
  stop(): Promise<number | null>
  /** What it has written to its log file; a line that it has just logged may still be on its way there. */
  log(): Promise<string>
  /** Waits until the log file has what the pattern says, and answers all of it. Throws where it is not within the time. */
  logged(pattern: RegExp): Promise<string>
}

export interface SidecarOptions {
  readonly scratch: ScratchDirectory
  readonly port: number
  /** The configuration, but for `listen` and `admin`. */
  readonly config: object
  readonly env?: Readonly<Record<string, string>>
  /** the one file of the build, in the place of the sources */
  readonly program?: string
  /** of Node */
  readonly flags?: readonly string[]
  /** What it writes to, in the place of its log file: a descriptor; or a socket, one for both outputs as systemd makes it. */
  readonly output?: number | 'socket'
  /** Descriptors of sockets that listen: they are passed as systemd does. */
  readonly sockets?: readonly number[]
}

/** Starts it, and waits until it listens. Its files are all in the scratch directory. */
export const startSidecar = async (options: SidecarOptions): Promise<Sidecar> => {
  const { scratch, port, config, env = {}, program = MAIN, flags = [], output, sockets = [] } = options
  const configFile = join(scratch.path, 'health-sidecar.yaml')
  const adminSocket = join(scratch.path, 'admin.sock')
  const logFile = join(scratch.path, 'sidecar.log')
  const listeners = { listen: `127.0.0.1:${port}`, admin: { socket: adminSocket }, state_dir: scratch.path }
  await writeFile(configFile, stringify({ ...listeners, ...config }, { aliasDuplicateObjects: false }))
  const log = openSync(logFile, 'a')
  const stdio = output === 'socket' ? ('pipe' as const) : (output ?? log)
  const command = [process.execPath, ...flags, program, 'serve', '--config', configFile]
  const passed = sockets.length > 0 ? `LISTEN_PID=$$ LISTEN_FDS=${sockets.length} ` : ''
  const child = spawn('sh', ['-c', `${passed}exec "$0" "$@" 2>&1`, ...command], {
    cwd: scratch.path,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', stdio, 'ignore', ...sockets],
  })
  closeSync(log)
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null)
  await once(child, 'spawn')
  scratch.adopt(child)

  const isRunning = () => child.exitCode === null && child.signalCode === null
  const readLog = () => readFile(logFile, 'utf8')
  const status = async (): Promise<StatusDocument> =>
    JSON.parse((await httpRequest({ socketPath: adminSocket, path: '/status' })).body)
  const stop = async () => {
    if (isRunning()) child.kill('SIGTERM')
    return await ended
  }

  const giveUpAt = performance.now() + START_TIMEOUT_MS
  while (!(await status().then(Boolean, () => false))) {
    if (!isRunning() || performance.now() > giveUpAt) {
      await stop()
      throw new Error(`the sidecar did not start:\n${(await readLog()).slice(-MAX_SHOWN)}`)
    }
    await delay(POLL_MS)
  }

  return {
    pid: child.pid ?? 0,
    configFile,
    adminSocket,
    logFile,
    output: child.stdout,
    probe: () => httpRequest({ host: '127.0.0.1', port, path: '/health' }),
    status,
    async waitFor(isReached) {
      const until = performance.now() + WAIT_TIMEOUT_MS
      for (;;) {
        const document = await status()
        if (isReached(document)) return document
        if (performance.now() > until)
          throw new Error(`not reached in ${WAIT_TIMEOUT_MS} ms; the last: ${JSON.stringify(document)}`)
        await delay(POLL_MS)
      }
    },
    ended,
    stop,
    log: readLog,
    async logged(pattern) {
      const until = performance.now() + WAIT_TIMEOUT_MS
      for (;;) {
        const text = await readLog()
        if (pattern.test(text)) return text
        if (performance.now() > until)
          throw new Error(
            `not logged in ${WAIT_TIMEOUT_MS} ms: ${pattern}; the last:\n${text.slice(-MAX_SHOWN)}`,
          )
        await delay(POLL_MS)
      }
    },
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}
