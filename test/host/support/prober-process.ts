import { request } from 'node:http'
import type { Probes } from './prober.ts'

/**
 * Sends probes to 127.0.0.1:80 at the rate of the first argument (a second), by the path of the second, each on a connection of its own, whether those
 * before have been answered or not; on being told to stop, waits for the last answers, and tells its parent of all.
 */
const rate = Number(process.argv[2])
const path = process.argv[3] ?? '/health'
/** As long as the sidecar logs one. */
const headers = { 'user-agent': 'prober'.padEnd(100, '.') }
const startedAt = performance.now()
const count = { sent: 0, open: 0 }
const statuses: Record<string, number> = {}
const errors: Record<string, number> = {}
let worstMs = 0
let stopped = false

const tally = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1
}

const report = (): void => {
  if (!stopped || count.open > 0) return
  const probes: Probes = { sent: count.sent, statuses, errors, worstMs: Math.round(worstMs) }
  process.send?.(probes)
}

const probe = (): void => {
  count.sent += 1
  count.open += 1
  const sentAt = performance.now()
  const end = (): void => {
    worstMs = Math.max(worstMs, performance.now() - sentAt)
    count.open -= 1
    report()
  }
  const sending = request({
    host: '127.0.0.1',
    port: 80,
    path,
    headers,
    agent: false,
    timeout: 60_000,
  })
  sending
    .on('response', response => {
      tally(statuses, String(response.statusCode))
      response.resume().on('end', end)
    })
    .on('timeout', () => sending.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })))
    .on('error', (error: NodeJS.ErrnoException) => {
      tally(errors, error.code ?? 'unknown')
      end()
    })
    .end()
}

const timer = setInterval(() => {
  const due = ((performance.now() - startedAt) / 1000) * rate
  while (count.sent < due) probe()
}, 5)

process.on('message', () => {
  clearInterval(timer)
  stopped = true
  report()
})
process.on('disconnect', () => process.exit())
process.send?.({ started: true })
