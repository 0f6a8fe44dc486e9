import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Test } from 'tap'
import type { CheckDocument, StatusDocument } from '../../src/status/status-document.ts'

/** A status document with a check or two. */
export const statusDocument = (
  checks: Readonly<Record<string, Partial<CheckDocument>>>,
  more: Partial<StatusDocument> = {},
): StatusDocument => ({
  status: 'pass',
  phase: 'serving',
  version: '1',
  checks: Object.fromEntries(
    Object.entries(checks).map(([name, check]) => [
      name,
      [{ status: 'pass', componentType: 'component', ...check }],
    ]),
  ),
  ...more,
})

/** Something on an admin socket that answers each look with the next document, and from then on with the last. */
export const startFakeDaemon = async (
  t: Test,
  { socket, documents }: { readonly socket: string; readonly documents: readonly StatusDocument[] },
): Promise<{ readonly looks: () => number }> => {
  let looks = 0
  const server = createServer((_request, response) => {
    response.end(JSON.stringify(documents[Math.min(looks, documents.length - 1)]))
    looks += 1
  })
  server.listen(socket)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { looks: () => looks }
}
