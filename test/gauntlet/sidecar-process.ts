import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { accepts } from '../support/accepts.ts'
import type { Target } from '../support/load-balancer.ts'
import type { ScratchDirectory } from '../support/scratch-directory.ts'

const root = join(import.meta.dirname, '../..')
const BOOT_MS = 20_000

export interface SidecarOptions {
  readonly configFile: string
  /** The configuration's directory is in it; the process does not outlive it. */
  readonly scratch: ScratchDirectory
  /** Where it will listen. */
  readonly address: Target
  readonly env?: Readonly<Record<string, string>>
  /** A module to load before it, such as a fake resolver. */
  readonly preload?: string
  /** Its standard output is a pipe that nobody reads. */
  readonly unreadPipe?: boolean
}

/** One boots at a time: starting costs a second of a processor, and others are being measured. */
let boot: Promise<unknown> = Promise.resolve()

/** The built program's `serve`, in a process of its own. */
export class SidecarProcess implements AsyncDisposable {
  readonly #options: SidecarOptions
  #child: ChildProcess | undefined

  constructor(options: SidecarOptions) {
    this.#options = options
  }

  /** Starts it, and waits until it listens or has ended. `now`: without waiting for its turn. */
  async start(options: { readonly now?: boolean } = {}): Promise<void> {
    if (options.now) return this.#start()
    const turn = boot.then(() => this.#start())
    boot = turn.catch(() => {})
    await turn
  }

  async #start(): Promise<void> {
    const { configFile, scratch, address, env, preload, unreadPipe } = this.#options
    const imports = preload === undefined ? [] : ['--import', preload]
    const child = spawn(
      process.execPath,
      [...imports, join(root, 'dist/health-sidecar.js'), 'serve', '--config', configFile],
      {
        cwd: dirname(configFile),
        stdio: ['ignore', unreadPipe ? 'pipe' : 'ignore', 'ignore'],
        env: {
          PATH: process.env['PATH'],
          ...env,
        },
      },
    )
    this.#child = child
    scratch.adopt(child, 'SIGKILL')
    const until = performance.now() + BOOT_MS
    while (child.exitCode === null && performance.now() < until) {
      if (await accepts(address)) return
      await delay(20)
    }
  }

  /** The code that it has ended with; undefined while it runs. */
  exitCode(): number | undefined {
    return this.#child?.exitCode ?? undefined
  }

  pid(): number | undefined {
    return this.#child?.pid
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** Ends it with this signal, and waits until it has ended. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL')
  }
}
