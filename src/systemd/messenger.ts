import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { ProcessEnv } from '../lib/process-env.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import type { Logger } from '../log/logger.ts'

/** systemd-notify itself waits 5 s at most until systemd has taken the message. */
const CHILD_TIMEOUT_MS = 5000

/** Variables of sd_notify(3), such as STATUS, each with one line of text. */
export type SdMessage = Readonly<Record<string, string>>

/** Takes messages to systemd. */
export interface SdMessenger extends Disposable {
  /** Returns at once, and never throws. */
  send(message: SdMessage): void
}

export interface SdMessengerOptions {
  readonly env: ProcessEnv & { readonly NOTIFY_SOCKET: string }
  readonly logger: Logger
  /** Another program than systemd's own, for tests. */
  readonly program?: string
}

/**
 * Speaks to systemd by the program `systemd-notify`, as Node has no Unix datagrams; the unit needs `NotifyAccess=all`. It
 * ends once systemd has taken the message (a barrier), so that systemd can tell by its PID which unit it is from.
 * One process at a time: of what is said meanwhile the newest counts, and goes out as one message. What could not be
 * taken goes out with the next message; that is logged once.
 */
export const createSdMessenger = ({
  env: { NOTIFY_SOCKET, PATH },
  logger,
  program = 'systemd-notify',
}: SdMessengerOptions): SdMessenger => {
  const stop = new AbortController()
  /** In the order of sending, as of READY, RELOADING and STOPPING in one message the last one counts. */
  let waiting: SdMessage = {}
  let isBusy = false
  let isFailing = false

  const failed = (why: string): void => {
    if (isFailing || stop.signal.aborted) return
    isFailing = true
    const msg = `systemd cannot be told of the state (systemd-notify: ${why}); where its watchdog is on, it will end this process`
    logger.log('error', { event: 'notify.failed', msg, why })
  }

  /** Whether systemd has taken it. Never rejects. */
  const take = async (message: SdMessage): Promise<boolean> => {
    try {
      const child = spawn(
        program,
        Object.entries(message).map(([name, value]) => `${name}=${value}`),
        {
          env: { NOTIFY_SOCKET, ...(PATH !== undefined && { PATH }) },
          stdio: 'ignore',
          timeout: CHILD_TIMEOUT_MS,
          killSignal: 'SIGKILL',
          signal: stop.signal,
        },
      )
      await once(child, 'exit')
      if (child.exitCode === 0) return true
      failed(child.signalCode ? `ended by ${child.signalCode}` : `exit code ${child.exitCode}`)
    } catch (error) {
      failed(codeOrUnknown(error))
    }
    return false
  }

  const deliver = async (): Promise<void> => {
    isBusy = true
    for (let isTaken = true; isTaken && Object.keys(waiting).length > 0;) {
      const message = waiting
      waiting = {}
      isTaken = await take(message)
      if (!isTaken) waiting = merged(message, waiting)
    }
    isBusy = false
  }

  return {
    send(message) {
      if (stop.signal.aborted) return
      waiting = merged(waiting, message)
      if (!isBusy) void deliver()
    },
    [Symbol.dispose]: () => stop.abort(),
  }
}

/** Both, in their order: what the newer one says counts, and stands where it says it. */
const merged = (older: SdMessage, newer: SdMessage): SdMessage => ({
  ...Object.fromEntries(Object.entries(older).filter(([name]) => !(name in newer))),
  ...newer,
})
