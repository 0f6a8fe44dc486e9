import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { accepts } from '../support/accepts.ts'
import type { ScratchDirectory } from '../support/scratch-directory.ts'

const PROJECT = join(import.meta.dirname, '../real/app')
const BOOT_MS = 30_000

export interface DjangoAppOptions {
  /** Where it works, and where its files are: in the scratch directory. */
  readonly directory: string
  readonly socket: string
  /** It takes its variables from there. */
  readonly envFile: string
  /** Of the project: test/real/app/project/settings.py. */
  readonly switches: Readonly<Record<string, string>>
  readonly scratch: ScratchDirectory
}

/** A real app: Django under gunicorn, with two synchronous workers. */
export class DjangoApp implements AsyncDisposable {
  readonly #options: DjangoAppOptions
  #server: ChildProcess | undefined

  constructor(options: DjangoAppOptions) {
    this.#options = options
  }

  get #faultFile(): string {
    return join(this.#options.directory, 'fault')
  }

  /** Starts it, and waits until it listens. */
  async start(): Promise<void> {
    const { directory, socket, envFile, switches, scratch } = this.#options
    const variables = Object.fromEntries(
      (await readFile(envFile, 'utf8'))
        .split('\n')
        .filter(line => line.includes('='))
        .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
    const log = openSync(join(directory, 'gunicorn.log'), 'a')
    // its master would kill a worker that is silent for --timeout; a stuck app is what is tried here
    const settings = ['--workers', '2', '--timeout', '0', '--bind', `unix:${socket}`]
    this.#server = spawn('gunicorn', [...settings, '--pythonpath', PROJECT, 'project.wsgi'], {
      cwd: directory,
      stdio: ['ignore', log, log],
      detached: true,
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        PYTHONDONTWRITEBYTECODE: '1',
        SMOKE_FAULT_FILE: this.#faultFile,
        ...variables,
        ...switches,
      },
    })
    closeSync(log)
    await once(this.#server, 'spawn')
    scratch.adopt(this.#server)
    const until = performance.now() + BOOT_MS
    while (!(await accepts({ path: socket })) || (await this.workers()).length < 2) {
      if (this.#server.exitCode !== null || performance.now() > until)
        throw new Error(
          `gunicorn does not listen:\n${await readFile(join(directory, 'gunicorn.log'), 'utf8')}`,
        )
      await delay(50)
    }
  }

  /** The process IDs of its workers. */
  async workers(): Promise<readonly number[]> {
    const pid = this.#server?.pid
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
    return children.trim().split(' ').filter(Boolean).map(Number)
  }

  /** From now on its home page does this; `catalog/views.py` has the words. */
  async misbehave(words: string): Promise<void> {
    await writeFile(this.#faultFile, words)
  }

  /** It is killed with all its workers, and its socket is left behind or removed. */
  async kill(options: { readonly leavesSocket?: boolean } = {}): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!options.leavesSocket) await rm(this.#options.socket, { force: true })
    if (!server?.pid || server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    // the group that `start` has made, and nothing else
    process.kill(-server.pid, 'SIGKILL')
    await exited
  }

  /** It is suspended with all its workers. */
  stop(): void {
    if (this.#server?.pid) process.kill(-this.#server.pid, 'SIGSTOP')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}
