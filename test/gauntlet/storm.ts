/**
 * `node storm.ts HOST PORT PER_SECOND SECONDS`: so many probes a second, each on a connection of its own. Prints one line
 * of JSON. A process of its own, so that it takes no time from those that measure.
 */
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** What a storm met. */
export interface StormReport {
  readonly sent: number
  readonly ok: number
  readonly unavailable: number
  /** No answer at all. */
  readonly failed: number
  /** The longest that an answer took; milliseconds. */
  readonly slowestMs: number
}

const ask = async (host: string, port: number): Promise<{ status: number; tookMs: number }> => {
  const startedAt = performance.now()
  const { promise, resolve } = Promise.withResolvers<number>()
  let text = ''
  const socket = connect(port, host, () =>
    socket.write(`GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
  )
  socket
    .on('data', data => (text += data.toString('latin1')))
    .on('error', () => resolve(0))
    .on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0)))
  return { status: await promise, tookMs: performance.now() - startedAt }
}

/** The sidecar has places for 1024. A machine that stood still for a second must not make up for it in a moment. */
const MOST_AT_ONCE = 500

if (import.meta.main) {
  const [host = '', port, perSecond, seconds] = process.argv.slice(2)
  const total = Number(perSecond) * Number(seconds)
  const startedAt = performance.now()
  const answers: Promise<{ status: number; tookMs: number }>[] = []
  let open = 0
  while (answers.length < total) {
    const due = Math.min(total, ((performance.now() - startedAt) / 1000) * Number(perSecond))
    while (answers.length < due && open < MOST_AT_ONCE) {
      open += 1
      answers.push(ask(host, Number(port)).finally(() => (open -= 1)))
    }
    await delay(5)
  }
  const all = await Promise.all(answers)
  const report: StormReport = {
    sent: total,
    ok: all.filter(({ status }) => status === 200).length,
    unavailable: all.filter(({ status }) => status === 503).length,
    failed: all.filter(({ status }) => status === 0).length,
    slowestMs: Math.round(Math.max(...all.filter(({ status }) => status > 0).map(({ tookMs }) => tookMs))),
  }
  process.stdout.write(`${JSON.stringify(report)}\n`)
}
