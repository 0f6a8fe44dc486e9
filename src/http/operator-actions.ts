import type { DrainControl } from '../host/drain-control.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import { isMapping } from '../lib/json.ts'
import type { StatusDocument } from '../status/status-document.ts'

/** What an action answers: an HTTP status, and a JSON body. */
export interface ActionAnswer {
  readonly code: 200 | 400 | 409 | 422 | 500
  readonly body: object
}

/** By its path; each takes the JSON body of a POST, whatever that is. */
export type Actions = Readonly<Record<string, (body: unknown) => Promise<ActionAnswer>>>

export interface OperatorActionsOptions {
  readonly drains: DrainControl
  readonly document: () => StatusDocument
  /** Undefined if the daemon is stopping, or has nothing to re-read. */
  readonly reload: (by: string) => Promise<Reloaded | undefined>
}

/** What became of the configuration. */
type Reloaded =
  | { readonly kind: 'taken' | 'unchanged' }
  | { readonly kind: 'refused'; readonly mistakes: readonly string[] }

const MAX_TEXT_LENGTH = 500
/** A longer drain is a host that should be gone. */
const MAX_DRAIN_MS = 366 * 24 * 60 * 60 * 1000

const textIn = (body: unknown, name: string): string | undefined => {
  const value = isMapping(body) ? body[name] : undefined
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT_LENGTH) : undefined
}

const byIn = (body: unknown): string => textIn(body, 'by') ?? 'somebody who did not say'

const refused = (error: string): ActionAnswer => ({ code: 400, body: { error } })

const failed = (what: string, error: unknown): ActionAnswer => ({
  code: 500,
  body: { error: `cannot ${what} (${codeOrUnknown(error)}); nothing has changed` },
})

/**
 * What an operator can do to a running daemon. `/drain` takes `{ reason, by, forMs }`, or `{ reason, by, untilResumed:
 * true }`: a drain without an end must be meant. `/resume` and `/reload` take `{ by }`. Each can be repeated. The answer of
 * `/resume` says in `resumed` whether there was a drain to end.
 */
export const operatorActions = ({ drains, document, reload }: OperatorActionsOptions): Actions => ({
  async '/drain'(body) {
    const reason = textIn(body, 'reason')
    if (reason === undefined) return refused('a drain needs a reason')
    const { forMs, untilResumed } = isMapping(body) ? body : {}
    const isForGood = untilResumed === true && forMs === undefined
    const isForTime =
      untilResumed === undefined && typeof forMs === 'number' && forMs > 0 && forMs <= MAX_DRAIN_MS
    if (!isForGood && !isForTime)
      return refused('a drain needs an end: forMs, at most a year; or else untilResumed: true')
    try {
      await drains.drain({ reason, by: byIn(body), ...(isForTime && { forMs }) })
    } catch (error) {
      return failed('write the drain marker', error)
    }
    return { code: 200, body: document() }
  },
  async '/resume'(body) {
    try {
      const resumed = await drains.resume(byIn(body))
      return { code: 200, body: { ...document(), resumed } }
    } catch (error) {
      return failed('remove the drain marker', error)
    }
  },
  async '/reload'(body) {
    const outcome = await reload(byIn(body))
    if (!outcome)
      return { code: 409, body: { error: 'the daemon is stopping; it takes no other configuration' } }
    return { code: outcome.kind === 'refused' ? 422 : 200, body: outcome }
  },
})
