import type { Socket } from 'node:net'
import { codeOrUnknown } from '../../lib/describe-error.ts'

/** A greeting or a reply is much shorter. */
const MAX_ANSWER_BYTES = 65_536

export type Answered =
  | { readonly kind: 'expected' }
  | { readonly kind: 'unexpected' }
  /** The server closed the connection before it had sent the expected text. */
  | { readonly kind: 'closed'; readonly code: string }

/** Sends a text and waits for an expected one. Resolves when it has come, or can no longer come. Never rejects. */
export const converse = (
  socket: Socket,
  { send, expect }: { readonly send: string | undefined; readonly expect: string | undefined },
): Promise<Answered> => {
  const { promise, resolve } = Promise.withResolvers<Answered>()
  let answer = Buffer.alloc(0)
  socket.once('error', error => resolve({ kind: 'closed', code: codeOrUnknown(error) }))
  socket.once('close', () => resolve({ kind: 'closed', code: 'CLOSED' }))
  socket.on('data', chunk => {
    answer = Buffer.concat([answer, chunk])
    if (expect !== undefined && answer.subarray(0, MAX_ANSWER_BYTES).includes(expect))
      resolve({ kind: 'expected' })
    else if (answer.length > MAX_ANSWER_BYTES) resolve({ kind: 'unexpected' })
  })
  socket.once('end', () =>
    resolve(answer.length > 0 ? { kind: 'unexpected' } : { kind: 'closed', code: 'CLOSED' }),
  )
  if (send !== undefined) socket.write(send)
  if (expect === undefined) resolve({ kind: 'expected' })
  return promise
}
