import { parseDuration } from '../config/units.ts'
import { whyNot } from '../history/history-file.ts'
import { linesSince } from '../history/lines-since.ts'

interface HistoryAnswer {
  readonly code: 200 | 400 | 500
  readonly type: 'application/x-ndjson' | 'application/json'
  readonly body: string
}

/** An ISO time, or how long ago. */
const momentOf = (since: string): Date | undefined => {
  const agoMs = parseDuration(since)
  if (agoMs !== undefined) return new Date(Date.now() - agoMs)
  const date = new Date(/^\d{4}-\d\d-\d\d/.test(since) ? since : Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const refusal = (code: 400 | 500, error: string): HistoryAnswer => ({
  code,
  type: 'application/json',
  body: JSON.stringify({ error }),
})

/**
 * The answer to `GET /history`: one JSON object a line. With `?since=`, an ISO time or a duration, it begins with the first record
 * from then on. The history is bounded, and so is the answer.
 */
export const historyAnswer = async (
  history: () => Promise<readonly string[]>,
  url: string,
): Promise<HistoryAnswer> => {
  const since = new URLSearchParams(url.split('?').slice(1).join('?')).get('since')
  const from = since === null ? undefined : momentOf(since)
  if (since !== null && !from) return refusal(400, 'since: expected an ISO time, or a duration such as 1h')
  try {
    const lines = linesSince(await history(), from)
    return { code: 200, type: 'application/x-ndjson', body: lines.map(line => `${line}\n`).join('') }
  } catch (error) {
    return refusal(500, `the history cannot be read: ${whyNot(error)}`)
  }
}
