import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { probe } from '../support/load-balancer.ts'
import { real } from './nominal-time.ts'

/** How often the control is probed; milliseconds. */
const LOOK_EVERY_MS = 200
/** An answer of the control that takes longer, in seconds of a real fleet, leaves too little of the time-outs. */
const LATE_SECONDS = 0.8

/** Whether this machine keeps up: a bare server that answers at once is probed all the time. */
export interface Machine extends AsyncDisposable {
  /** The control's slowest answer since then (`performance.now()`), in milliseconds. */
  slowestMs(since: number): number
  /** Whether it was so late that what was measured since then is the machine's doing. */
  wasBusy(since: number): boolean
}

export const watchMachine = async (): Promise<Machine> => {
  const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  const check = {
    kind: 'application',
    path: '/',
    intervalMs: LOOK_EVERY_MS,
    timeoutMs: 60_000,
    healthyThreshold: 2,
    unhealthyThreshold: 2,
  } as const
  const answers: { readonly at: number; readonly tookMs: number }[] = []
  let due = performance.now()
  const timer = setInterval(() => {
    // a timer that fires late is lateness as well
    const lateMs = Math.max(0, performance.now() - due)
    due = performance.now() + LOOK_EVERY_MS
    void probe(target, check).then(({ tookMs }) =>
      answers.push({ at: performance.now(), tookMs: lateMs + tookMs }),
    )
  }, LOOK_EVERY_MS)
  const slowestMs = (since: number): number =>
    answers.reduce((most, { at, tookMs }) => (at >= since ? Math.max(most, tookMs) : most), 0)
  return {
    slowestMs,
    wasBusy: since => slowestMs(since) > real(LATE_SECONDS),
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      server.closeAllConnections()
      server.close()
    },
  }
}
