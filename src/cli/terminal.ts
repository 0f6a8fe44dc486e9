import type { ProcessEnv } from '../lib/process-env.ts'

/** What a command writes to and reads from. It is handed in, so that tests can listen. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly env: ProcessEnv
}
