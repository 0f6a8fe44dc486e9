import type { Endpoint } from '../../connect/endpoint.ts'
import { openConnection } from '../../connect/open-connection.ts'
import { isMapping, parseJson } from '../../lib/json.ts'
import type { SmokeClock } from './clock.ts'

/** The statistics of hundreds of workers fit into this. */
const MAX_BYTES = 4 * 1024 * 1024

/** What uWSGI's stats server says. */
export interface StatsReport {
  readonly workers: number
  readonly workersBusy: number
  readonly listenQueue: number
  /** Since the last report; undefined in the first one. */
  readonly requestsCompleted: number | undefined
  /** How long no request has been completed, as far as the reports show. */
  readonly idleForMs: number
}

interface Counts {
  readonly workers: number
  readonly workersBusy: number
  readonly listenQueue: number
  readonly requests: number
}

const numberIn = (mapping: Readonly<Record<string, unknown>>, key: string): number => {
  const value = mapping[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}

/** Reads the JSON that uWSGI writes; undefined if it is something else. */
export const parseStats = (text: string): Counts | undefined => {
  const stats = parseJson(text)
  if (!isMapping(stats) || !Array.isArray(stats['workers'])) return undefined
  const all: readonly unknown[] = stats['workers']
  // a worker that cheaper mode has put to sleep takes no request
  const workers = all.filter(isMapping).filter(({ status }) => status !== 'cheap')
  return {
    workers: workers.length,
    workersBusy: workers.filter(({ status }) => status !== 'idle').length,
    listenQueue: numberIn(stats, 'listen_queue'),
    requests: workers.reduce((sum, worker) => sum + numberIn(worker, 'requests'), 0),
  }
}

/** The stats server writes one JSON document to each client and closes. Undefined if that fails. Never rejects. */
const readStats = (endpoint: Endpoint, signal: AbortSignal): Promise<Counts | undefined> => {
  const { promise, resolve } = Promise.withResolvers<Counts | undefined>()
  const { socket } = openConnection(endpoint)
  const chunks: Buffer[] = []
  let bytes = 0
  const settle = (counts: Counts | undefined) => {
    signal.removeEventListener('abort', abort)
    resolve(counts)
    socket.destroy()
  }
  const abort = () => settle(undefined)
  signal.addEventListener('abort', abort)
  socket.on('data', chunk => {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MAX_BYTES) settle(undefined)
  })
  socket.once('end', () => settle(parseStats(Buffer.concat(chunks).toString())))
  socket.once('error', () => settle(undefined))
  socket.once('close', () => settle(undefined))
  if (signal.aborted) abort()
  return promise
}

/** Reads the statistics again and compares them with the last ones. Undefined if they cannot be read. */
export type Stats = (signal: AbortSignal) => Promise<StatsReport | undefined>

export const createStats = (endpoint: Endpoint, clock: SmokeClock): Stats => {
  let last: { readonly requests: number; readonly completedAt: number } | undefined
  return async signal => {
    const counts = await readStats(endpoint, signal)
    if (!counts) return undefined
    const { requests, ...report } = counts
    const now = clock.now()
    // a smaller count comes from workers that were started again
    const completedAt = last && requests === last.requests ? last.completedAt : now
    const requestsCompleted = last && Math.max(0, requests - last.requests)
    last = { requests, completedAt }
    return { ...report, requestsCompleted, idleForMs: now - completedAt }
  }
}
