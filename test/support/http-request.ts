import { request } from 'node:http'
import type { RequestOptions } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** One request on a connection of its own. Throws the system's error where there is no answer, or none in 30 seconds. */
export const httpRequest = async (options: RequestOptions): Promise<Answer> => {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  request({ agent: false, signal: AbortSignal.timeout(30_000), ...options }, response => {
    const { statusCode: status = 0, headers } = response
    text(response).then(body => resolve({ status, headers, body }), reject)
  })
    .on('error', reject)
    .end()
  return await promise
}
