import { isMapping } from '../lib/json.ts'
import { isStatusDocument } from '../status/is-status-document.ts'
import type { StatusDocument } from '../status/status-document.ts'
import type { AdminAnswer, Unanswered } from './ask-daemon.ts'
import { exitCode } from './exit-code.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'

/** What came of an action: the daemon did it, it refused, or no daemon could be asked. */
export type OperatorAnswer =
  | { readonly kind: 'done'; readonly document: StatusDocument }
  | { readonly kind: 'problem'; readonly outcome: Outcome }
  | { readonly kind: 'no-daemon'; readonly message: string }

/** A command that could not do its work, and why. */
export const problem = (code: number, error: string): Outcome =>
  outcomeOf({
    code,
    document: { error },
    text: shown => `health-sidecar: ${shown.error}\n`,
    isProblem: true,
  })

/** Codes of a socket that exists, and that this user may not use, or that is another program's. */
const notOurs = new Set(['EACCES', 'EPERM', 'EPROTO'])

export const errorIn = (body: unknown): string | undefined =>
  isMapping(body) && typeof body['error'] === 'string' ? body['error'] : undefined

/** No daemon answers: whether one may be down, or certainly runs without a way for this user. */
const isDown = ({ code }: Unanswered): boolean => !notOurs.has(code)

/** Reads the answer to `/drain` or `/resume`. */
export const operatorAnswerOf = (answer: AdminAnswer): OperatorAnswer => {
  if (!answer.ok)
    return isDown(answer)
      ? { kind: 'no-daemon', message: answer.message }
      : { kind: 'problem', outcome: problem(exitCode.unknown, answer.message) }
  if (answer.status === 200 && isStatusDocument(answer.body)) return { kind: 'done', document: answer.body }
  const error = errorIn(answer.body) ?? `the daemon gave an answer that it should not give (${answer.status})`
  return { kind: 'problem', outcome: problem(exitCode.broke, error) }
}
