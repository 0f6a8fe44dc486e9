import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { MAIN } from './run-command.ts'

/** A command of the program in a terminal of 80 columns and 24 rows. */
export interface PseudoTerminal {
  /** All that the terminal got so far. */
  readonly shown: () => string
  /** Waits until what the terminal got since the last call fits. */
  until(pattern: RegExp): Promise<string>
  type(keys: string): void
  /** The exit code, once it has ended. */
  readonly ended: Promise<number>
}

const WAIT_MS = 60_000

export interface PseudoTerminalOptions {
  readonly env?: Readonly<Record<string, string>>
  /** A named pipe: once somebody writes to it, the terminal has 100 columns. */
  readonly wider?: string
}

/**
 * Runs a command by script(1). Around it, the settings of the terminal are printed as `<SETTINGS>`, before and after.
 */
export const inPseudoTerminal = (
  args: readonly string[],
  { env = {}, wider }: PseudoTerminalOptions = {},
): PseudoTerminal => {
  const quoted = [process.execPath, MAIN, ...args].map(word => `'${word}'`).join(' ')
  const later = wider === undefined ? '' : `{ read _ <'${wider}'; stty cols 100 </dev/tty; } & `
  const command = `stty cols 80 rows 24; ${later}echo "<$(stty -g)>"; ${quoted}; code=$?; echo "<$(stty -g)>"; exit $code`
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  let seen = 0
  const changed = new EventTarget()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    changed.dispatchEvent(new Event('data'))
  })
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? -1)
  return {
    shown: () => shown,
    async until(pattern) {
      const signal = AbortSignal.timeout(WAIT_MS)
      while (!pattern.test(shown.slice(seen)))
        await once(changed, 'data', { signal }).catch(() => {
          throw new Error(
            `not shown in ${WAIT_MS} ms: ${pattern}; the last: ${JSON.stringify(shown.slice(seen))}`,
          )
        })
      const text = shown.slice(seen)
      seen = shown.length
      return text
    },
    type: keys => void child.stdin.write(keys),
    ended,
  }
}
