import { adminSocketOf } from '../config/admin-socket.ts'
import type { ConfigRef } from '../config/named-app.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import { askStatus } from './ask-daemon.ts'
import type { StatusAnswer } from './ask-daemon.ts'

/** Where a command that looks again and again gets the status from. */
export interface StatusSource extends AsyncDisposable {
  /** Never throws; takes no longer than the limit. */
  look(limitMs: number): Promise<StatusAnswer>
}

/** The running daemon. Throws a ConfigError. */
export const daemonSource = async (ref: ConfigRef, env: ProcessEnv): Promise<StatusSource> => {
  const socket = await adminSocketOf(ref, env)
  return {
    look: limitMs => askStatus(socket, { timeoutMs: limitMs }),
    async [Symbol.asyncDispose]() {},
  }
}
