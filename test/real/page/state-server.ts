import { once } from 'node:events'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pageOf } from '../../page/page-of.ts'
import type { State } from '../../page/states.ts'

/** Serves the page of a host in one state, then in another. */
export interface StateServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  show(state: State): void
  /** Closes connections, answers nothing until it is something else, or answers another edition of the page. */
  as(how: 'well' | 'dead' | 'hanging' | 'other edition'): void
}

export const startStateServer = async (first: State): Promise<StateServer> => {
  let shown = first
  let how = 'well'
  const hanging = new Set<ServerResponse>()
  const server = createServer((_request, response) => {
    if (how === 'dead') return void response.destroy()
    if (how === 'hanging') return void hanging.add(response)
    pageOf(shown).then(
      ({ headers, body }) =>
        response
          .writeHead(200, headers)
          .end(how === 'well' ? body : body.replace(/data-edition="\w+"/, 'data-edition="other"')),
      () => response.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    show: state => void (shown = state),
    as(next) {
      how = next
      for (const response of hanging) response.destroy()
      hanging.clear()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
