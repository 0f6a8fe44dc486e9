import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { JOIN_GROUPS, MAKE_GROUPS, REMOVE_GROUPS } from '../../support/control-groups.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { eventually } from './eventually.ts'

const BOOT_TIMEOUT_MS = 60_000
const COMMAND_TIMEOUT_S = 60
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/**
 * Boots the root $1 below the directory $2, again and again as it reboots (systemd-nspawn ends with 133 then), until it
 * is powered off or this is told to end. What the host writes is in memory, over a root that stays as it is, and all mounts are
 * in a namespace of their own: they go with it. Its name is $3.
 */
const SUPERVISE = `
  set -eu
  ending= nspawn=
  trap 'ending=yes; kill -KILL $(cat "/proc/$nspawn/task/$nspawn/children")' TERM INT HUP
  mount -t tmpfs -o mode=755,size=2g tmpfs "$2"
  mkdir "$2/upper" "$2/work" "$2/root"
  mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay "$2/root"
  group=$3
  ${MAKE_GROUPS}
  code=133
  while [ "$code" = 133 ] && [ ! "$ending" ]; do
    (
      ${JOIN_GROUPS}
      exec systemd-nspawn --quiet --register=no --keep-unit --private-network --machine="$3" --hostname=web-1 -D "$2/root" --boot
    ) &
    nspawn=$!
    code=0
    wait "$nspawn" || code=$?
  done
  ${REMOVE_GROUPS}`

/** What a command on the host came to. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly timeoutS?: number
  readonly stdin?: string | Buffer
}

/** A Debian host that has booted, with a network of its own that has nothing but `lo`. */
export interface Host extends AsyncDisposable {
  /** Runs a script of root's there, to its end, whatever that is. */
  run(script: string, options?: RunOptions): Promise<Ran>
  /** The same, and answers what it prints. Throws where it fails. */
  sh(script: string, options?: RunOptions): Promise<string>
  /** Writes a file there, through links as they are there; an existing file keeps its owner and its rights. */
  write(path: string, content: string | Buffer): Promise<void>
  /** A Unix socket of the host, as it can be connected to from here. */
  socket(path: string): string
  /** Starts a program of Node's, from here, in the host's network, with a channel. It ends with this process. */
  inItsNetwork(program: string, args: readonly string[]): ChildProcess
  /** Reboots it as an operator would, and waits until it has booted. */
  reboot(): Promise<void>
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

/** The process that is the first in its own namespace, below the one that supervises; undefined where there is none. */
const leaderBelow = (supervisor: number): number | undefined =>
  childrenOf(supervisor)
    .flatMap(childrenOf)
    .find(pid => /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')))

/** Boots a host from a root that is made for it. It is gone, with all that it wrote, when it is disposed of. */
export const bootHost = async (root: string): Promise<Host> => {
  await using untilBooted = new AsyncDisposableStack()
  const scratch = untilBooted.use(await createScratchDirectory('hs-host-'))
  const place = join(scratch.path, 'host')
  await mkdir(place)
  const consoleFile = join(scratch.path, 'console')
  await using console = await open(consoleFile, 'w')
  const supervisor = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', SUPERVISE, 'sh', root, place, basename(scratch.path)],
    { cwd: scratch.path, stdio: ['ignore', console.fd, console.fd], detached: true },
  )
  const ended = once(supervisor, 'exit')
  await once(supervisor, 'spawn')
  const supervisorPid = supervisor.pid ?? 0
  scratch.adopt(supervisor)
  untilBooted.defer(async () => {
    supervisor.kill('SIGTERM')
    await ended
  })

  let leader = 0
  const run: Host['run'] = (script, { timeoutS = COMMAND_TIMEOUT_S, stdin = '' } = {}) => {
    const { promise, resolve } = Promise.withResolvers<Ran>()
    const command = [
      'timeout',
      '-k',
      '1',
      String(timeoutS),
      'bash',
      '--norc',
      '-euo',
      'pipefail',
      '-c',
      script,
    ]
    const env = [
      'env',
      '-i',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'HOME=/root',
      'LANG=C.UTF-8',
      'DEBIAN_FRONTEND=noninteractive',
    ]
    const child = execFile(
      'nsenter',
      ['-t', String(leader), '-m', '-u', '-i', '-n', '-p', '--', ...env, ...command],
      { maxBuffer: MAX_OUTPUT_BYTES, timeout: (timeoutS + 5) * 1000, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 128) : 0
        resolve({ code, stdout, stderr })
      },
    )
    // a script that does not read it may have ended before it is written
    child.stdin?.on('error', () => {})
    child.stdin?.end(stdin)
    return promise
  }

  /** Waits until a host whose first process is another than `former` has started all that it starts. */
  const booted = async (former?: number): Promise<void> => {
    try {
      await eventually(
        async () => {
          leader = leaderBelow(supervisorPid) ?? 0
          return leader === 0 || leader === former ? '' : (await run('systemctl is-system-running')).stdout
        },
        {
          what: 'a host that has booted',
          isReached: state => ['running', 'degraded'].includes(state.trim()),
          withinMs: BOOT_TIMEOUT_MS,
        },
      )
    } catch (error) {
      throw new Error(`the host does not boot:\n${await readFile(consoleFile, 'utf8')}`, { cause: error })
    }
  }
  await booted()

  const sh: Host['sh'] = async (script, options) => {
    const { code, stdout, stderr } = await run(script, options)
    if (code !== 0) throw new Error(`exit code ${code} of: ${script}\n${stdout}${stderr}`)
    return stdout
  }

  const owned = untilBooted.move()
  return {
    run,
    sh,
    async write(path, content) {
      await sh(`cat >'${path}'`, { stdin: content })
    },
    socket: path => join(`/proc/${leader}/root`, path),
    inItsNetwork(program, args) {
      const child = spawn('nsenter', ['-t', String(leader), '-n', process.execPath, program, ...args], {
        cwd: scratch.path,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { PATH: process.env['PATH'] },
      })
      scratch.adopt(child)
      return child
    },
    async reboot() {
      const former = leader
      await run('systemctl reboot')
      await booted(former)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
