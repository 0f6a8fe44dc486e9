import type { ProcessEnv } from '../lib/process-env.ts'

/** What a command writes to and reads from. It is handed in, so that tests can listen. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly env: ProcessEnv
  /** Aborted when nobody reads `out` any more. */
  readonly closed?: AbortSignal
  /** Takes over the terminal; undefined if there is none, or none that can move its cursor. */
  readonly openScreen?: () => Screen | undefined
}

/** A terminal that a command draws on. Disposing of it leaves the terminal as it was. */
export interface Screen extends Disposable {
  /** Shows lines in the place of those before. What does not fit is cut off. */
  draw(lines: readonly string[]): void
  /** Calls back when somebody presses `q` or Ctrl-C, or a signal ends the command. */
  onQuit(callback: () => void): void
  /** Calls back when the size has changed. */
  onResize(callback: () => void): void
}
