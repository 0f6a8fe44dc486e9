import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface TestRun {
  readonly outcome: 'passed' | 'failed' | 'timed out'
  readonly tookMs: number
}

/** A private copy of the checkout. */
export interface Sandbox {
  readonly path: string
  readonly write: (file: string, text: string) => void
  /** Runs one test file as a process of its own; one that takes longer than `limitMs` is ended with its children. */
  readonly run: (
    test: string,
    options: { readonly limitMs: number; readonly env?: Readonly<Record<string, string>> },
  ) => Promise<TestRun>
}

/** What a test may take to end its servers before it is killed. */
const KILL_AFTER_MS = 2000

/** Copies of what git tracks or could track, below one new directory; it is removed when all is done. */
export const createSandboxes = (
  root: string,
  count: number,
): Disposable & { readonly base: string; readonly sandboxes: readonly Sandbox[] } => {
  const base = mkdtempSync(join(tmpdir(), 'health-sidecar-mutate-'))
  const list = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  const isFile = (file: string) => statSync(join(root, file), { throwIfNoEntry: false })?.isFile() === true
  const files = list.split('\0').filter(file => file !== '' && isFile(file))
  const sandboxes = Array.from({ length: count }, (_, index): Sandbox => {
    const path = join(base, String(index))
    for (const file of files) {
      mkdirSync(dirname(join(path, file)), { recursive: true })
      cpSync(join(root, file), join(path, file))
    }
    symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
    return {
      path,
      write: (file, text) => writeFileSync(join(path, file), text),
      run: (test, options) => run(path, { test, ...options }),
    }
  })
  return {
    base,
    sandboxes,
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  }
}

const running = new Set<number>()

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal)
  } catch {
    // it has ended
  }
}

/** Ends what runs now. */
export const endRunning = (): void => {
  for (const pid of running) signalGroup(pid, 'SIGKILL')
}

const run = async (
  cwd: string,
  { test, limitMs, env }: { test: string; limitMs: number; env?: Readonly<Record<string, string>> },
): Promise<TestRun> => {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [test], {
    cwd,
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, TAP_BAIL: '1', ...env },
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${test} cannot be started`)
  running.add(pid)
  let timedOut = false
  const end = setTimeout(() => {
    timedOut = true
    signalGroup(pid, 'SIGTERM')
  }, limitMs)
  const kill = setTimeout(() => signalGroup(pid, 'SIGKILL'), limitMs + KILL_AFTER_MS)
  const code = await new Promise<number | null>(resolve => void child.once('exit', resolve))
  clearTimeout(end)
  clearTimeout(kill)
  // what it left behind
  signalGroup(pid, 'SIGKILL')
  running.delete(pid)
  const outcome = timedOut ? 'timed out' : code === 0 ? 'passed' : 'failed'
  return { outcome, tookMs: performance.now() - startedAt }
}
