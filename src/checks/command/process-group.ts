import { spawn } from 'node:child_process'
import { codeOrUnknown } from '../../lib/describe-error.ts'

/** The first lines of a plugin's output. */
const MAX_OUTPUT_BYTES = 4096

/** How long a program's output is waited for after its exit, in milliseconds: a child of it may keep the pipe open. */
const OUTPUT_GRACE_MS = 50

export type Exit =
  | { readonly kind: 'not-started'; readonly code: string }
  | { readonly kind: 'exited'; readonly status: number; readonly output: string }
  | { readonly kind: 'killed'; readonly signal: string; readonly output: string }

export interface RunningProgram {
  /** Never rejects. */
  readonly exit: Promise<Exit>
  /** Kills the program and all processes of its group. */
  kill(): void
}

/**
 * Starts a program without a shell, as the leader of its own process group. Its environment is `environment` and nothing
 * else. When it exits, the rest of its group is killed, so that no run leaves a process behind.
 */
export const startProgram = (
  [program = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
): RunningProgram => {
  const { promise: exit, resolve } = Promise.withResolvers<Exit>()
  const child = spawn(program, args, {
    cwd: '/',
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const chunks: Buffer[] = []
  let bytes = 0
  child.stdout.on('data', (chunk: Buffer) => {
    // what is beyond the limit is read and dropped: the program must not block on a full pipe
    if (bytes < MAX_OUTPUT_BYTES) chunks.push(chunk)
    bytes += chunk.length
  })

  const kill = () => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // no process of the group is left
    }
  }

  child.once('error', error => resolve({ kind: 'not-started', code: codeOrUnknown(error) }))
  child.once('exit', (status, signal) => {
    kill()
    const finish = () => {
      clearTimeout(timer)
      child.stdout.destroy()
      const output = Buffer.concat(chunks).toString('utf8', 0, MAX_OUTPUT_BYTES)
      resolve(
        status === null
          ? { kind: 'killed', signal: signal ?? 'UNKNOWN', output }
          : { kind: 'exited', status, output },
      )
    }
    const timer = setTimeout(finish, OUTPUT_GRACE_MS)
    child.once('close', finish)
  })
  return { exit, kill }
}
