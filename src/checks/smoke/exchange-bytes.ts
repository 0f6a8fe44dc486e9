import type { Endpoint } from '../../connect/endpoint.ts'
import { openConnection } from '../../connect/open-connection.ts'
import { codeOrUnknown } from '../../lib/describe-error.ts'
import { failureAt, stageOf } from './exchange.ts'
import type { Exchange, Outcome } from './exchange.ts'

export interface BytesExchange {
  /** The whole request. */
  readonly request: Buffer
  /** The outcome as soon as there is one. */
  readonly push: (chunk: Buffer) => Outcome | undefined
  /** The outcome if the server closes first; without it, that is a failure. */
  readonly end?: () => Outcome
}

/** Sends the bytes of a request on their own connection, and reads the answer as it comes. */
export const exchangeBytes = (endpoint: Endpoint, { request, push, end }: BytesExchange): Exchange => {
  const { promise: outcome, resolve } = Promise.withResolvers<Outcome>()
  const connection = openConnection(endpoint)
  const { socket } = connection

  const stage = () => stageOf(connection)
  const failure = (code: string) => failureAt(stage(), { code, endpoint })
  const settle = (result: Outcome) => {
    resolve(result)
    socket.destroy()
  }

  socket.once('connect', () => void socket.write(request))
  socket.on('data', chunk => {
    const result = push(chunk)
    if (result) settle(result)
  })
  socket.once('end', () => settle(end ? end() : failure('CLOSED')))
  socket.once('error', error => settle(failure(codeOrUnknown(error))))
  socket.once('close', () => settle(failure('DESTROYED')))

  return { outcome, stage, destroy: () => void socket.destroy() }
}
