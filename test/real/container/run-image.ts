import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ScratchDirectory } from '../../support/scratch-directory.ts'
import type { Image } from './image.ts'

const run = promisify(execFile)

export interface RunOptions {
  /** Folders of the host, by where they are in the container; read-only. */
  readonly volumes: Readonly<Record<string, string>>
  /** Appended to the image's ENTRYPOINT. */
  readonly args: readonly string[]
}

export interface Executed {
  readonly code: number
  readonly output: string
}

/** A container that runs as `docker run --read-only --tmpfs /run/health-sidecar --cap-drop ALL` would run it. */
export interface Container extends AsyncDisposable {
  /** Of the first process. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** As `docker exec` does. */
  exec(args: readonly string[]): Promise<Executed>
  log(): Promise<string>
  /** The exit code of the first process. */
  readonly ended: Promise<number | null>
}

const mount = (destination: string, type: string, options: readonly string[] = []) => ({
  destination,
  type,
  source: type,
  options,
})

const bundleOf = ({ config, root }: Image, { volumes, args }: RunOptions) => {
  const [uid, gid] = config.User.split(':').map(Number)
  const own = ['nosuid', 'nodev', 'noexec', `uid=${uid}`, `gid=${gid}`, 'mode=750']
  const binds = Object.entries(volumes).map(([destination, source]) => ({
    ...mount(destination, 'bind', ['bind', 'ro']),
    source,
  }))
  return {
    ociVersion: '1.0.2',
    hostname: 'container',
    process: {
      user: { uid, gid },
      args: [...config.Entrypoint, ...args],
      env: config.Env,
      cwd: '/',
      noNewPrivileges: true,
      capabilities: {},
    },
    root: { path: root, readonly: true },
    mounts: [
      mount('/proc', 'proc'),
      mount('/dev', 'tmpfs', ['nosuid', 'mode=755']),
      ...Object.keys(config.Volumes).map(path => mount(path, 'tmpfs', own)),
      ...binds,
    ],
    linux: { namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map(type => ({ type })) },
  }
}

/** Starts the image by runc, which takes the read-only root, the user and the mounts at their word. */
export const runImage = async (
  image: Image,
  { scratch, ...options }: RunOptions & { readonly scratch: ScratchDirectory },
): Promise<Container> => {
  const bundle = join(scratch.path, 'bundle')
  const logFile = join(scratch.path, 'container.log')
  const runc = (args: readonly string[]) => ['--root', join(scratch.path, 'runc'), ...args]
  await mkdir(bundle)
  await writeFile(join(bundle, 'config.json'), JSON.stringify(bundleOf(image, options)))
  const log = openSync(logFile, 'a')
  const child = spawn('runc', runc(['run', '--bundle', bundle, 'sidecar']), {
    cwd: scratch.path,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  scratch.adopt(child)
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null)
  const kill = async (signal: NodeJS.Signals) => {
    await run('runc', runc(['kill', 'sidecar', signal]))
  }
  return {
    kill,
    async exec(args) {
      try {
        const { stdout, stderr } = await run('runc', runc(['exec', 'sidecar', ...args]), { timeout: 20_000 })
        return { code: 0, output: stdout + stderr }
      } catch (error) {
        const { code, stdout, stderr } = Object(error)
        return { code, output: `${stdout}${stderr}` }
      }
    },
    log: () => readFile(logFile, 'utf8'),
    ended,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null)
        await kill('SIGKILL').catch(() => child.kill())
      await ended
    },
  }
}
