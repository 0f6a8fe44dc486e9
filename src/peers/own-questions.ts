import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { PeerAnswer } from '../core/peers.ts'

/** Names a question. It changes no answer. */
export const QUESTION_HEADER = 'x-health-sidecar-question'

/** What was answered; `own`: this very host was asked. */
export type AnyAnswer = PeerAnswer | 'own'

/**
 * Recognises a peer that is this very host under an address that is not its own, as behind a published port of a container
 * or a public address: the question arrives here.
 */
export interface OwnQuestions {
  /** Asks by a header that is known here. */
  ask(question: (headers: Readonly<Record<string, string>>) => Promise<PeerAnswer>): Promise<AnyAnswer>
  /** A request of the public listener has arrived. */
  readonly arrived: (request: Pick<IncomingMessage, 'headers'>) => void
}

export const createOwnQuestions = (): OwnQuestions => {
  const asking = new Set<string>()
  const own = new Set<string>()
  return {
    async ask(question) {
      const id = randomUUID()
      asking.add(id)
      try {
        const answer = await question({ [QUESTION_HEADER]: id })
        return own.has(id) ? 'own' : answer
      } finally {
        asking.delete(id)
        own.delete(id)
      }
    },
    arrived(request) {
      // most requests are no questions, and then there is nothing to look at
      if (asking.size === 0) return
      const id = request.headers[QUESTION_HEADER]
      if (typeof id === 'string' && asking.has(id)) own.add(id)
    },
  }
}
