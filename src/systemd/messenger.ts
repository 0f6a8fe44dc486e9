import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { ProcessEnv } from '../lib/process-env.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import type { Logger } from '../log/logger.ts'

/** systemd-notify itself waits at most 5 s for systemd to take the message. */
const CHILD_TIMEOUT_MS = 5000

/** Variables of sd_notify(3), such as STATUS, each with one line of text. */
export type SdMessage = Readonly<Record<string, string>>

/** Sends messages to systemd. */
export interface SdMessenger extends Disposable {
  /** Returns at once, and never throws. */
  send(message: SdMessage): void
}

export interface SdMessengerOptions {
  readonly env: ProcessEnv & { readonly NOTIFY_SOCKET: string }
  readonly logger: Logger
  /** A program to run in place of systemd-notify, for tests. */
  readonly program?: string
}

/**
 * Sends through the program `systemd-notify`, as Node has no Unix datagrams; the unit needs `NotifyAccess=all`. The
 * program ends only after systemd has taken the message (a barrier), so that systemd can find the unit by its PID.
 * One process runs at a time. Messages that come meanwhile are merged into one; the newest value of a variable wins.
 * A message that could not be sent goes out with the next one; the failure is logged once.
 */
export const createSdMessenger = ({
  env: { NOTIFY_SOCKET, PATH },
  logger,
  program = 'systemd-notify',
}: SdMessengerOptions): SdMessenger => {
  const stop = new AbortController()
  /** In the order of sending: of READY, RELOADING and STOPPING in one message, systemd obeys the last one. */
  let waiting: SdMessage = {}
  let isBusy = false
  let isFailing = false

  const failed = (why: string): void => {
    if (isFailing || stop.signal.aborted) return
    isFailing = true
    const msg = `cannot send the state to systemd (systemd-notify: ${why}); if the unit has a watchdog, it will end this process`
    logger.log('error', { event: 'notify.failed', msg, why })
  }

  /** Sends one message; resolves to whether systemd has taken it. Never rejects. */
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

/** Both messages in one, in their order. The newer value of a variable wins, and keeps the newer place. */
const merged = (older: SdMessage, newer: SdMessage): SdMessage => ({
  ...Object.fromEntries(Object.entries(older).filter(([name]) => !(name in newer))),
  ...newer,
})
