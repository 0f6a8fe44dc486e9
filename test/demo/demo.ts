/**
 * `npm run demo`: a web app, its database and its sidecar, all real, on this machine. On a terminal, keys break and
 * mend things; elsewhere the same is shown once, and must go as expected. Nothing is left when it ends, however it does.
 */
import { startHost } from './host.ts'
import { introduction } from './paint.ts'
import { play } from './play.ts'
import { tour } from './tour.ts'

const stop = new AbortController()
let stoppedBy: NodeJS.Signals | undefined
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    stoppedBy ??= signal
    process.exitCode = exitCodes[signal]
    stop.abort()
  })

const print = (text: string) => void process.stdout.write(text)
const { signal } = stop

try {
  print('starting a Postgres, an app and a sidecar …\n\n')
  await using host = await startHost()
  if (!signal.aborted) {
    print(`${introduction(host)}\n`)
    if (process.stdin.isTTY && process.stdout.isTTY) await play(host, { signal })
    else await tour(host, { print, signal })
    print('\nstopping; nothing is left behind\n')
  }
} catch (error) {
  if (stoppedBy === undefined) {
    process.exitCode = 1
    process.stderr.write(`demo: ${error instanceof Error ? error.message : 'unknown error'}\n`)
  }
}
