import type { Answer } from './exchange.ts'
import type { Judgement, Question } from './question.ts'

/** Why the absence of a text from what was read of a page proves nothing; undefined if it does. */
export const judgeUnread = (
  answer: Answer,
  { request, subject, wanted }: Pick<Question, 'request' | 'subject'> & { readonly wanted: string },
): Judgement | undefined => {
  const encoding = answer.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    return {
      status: 'unknown',
      reason: 'SMOKE_RESPONSE_ENCODED',
      message: `${subject} is encoded (${encoding.slice(0, 50)}), though the check accepts no encoding, so its text cannot be compared: turn off the app's compression for requests without Accept-Encoding`,
    }
  // the part that was not read may contain it
  if (answer.truncated)
    return {
      status: 'unknown',
      reason: 'SMOKE_RESPONSE_TOO_LARGE',
      message: `the first ${request.maxBodyBytes} bytes of ${subject} do not contain ${wanted}, and the page is longer: raise max_body, or expect a text nearer to the top`,
    }
  return undefined
}
