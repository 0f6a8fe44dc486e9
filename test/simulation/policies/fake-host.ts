import type { Exchange, Outcome } from '../../../src/checks/smoke/exchange.ts'
import type { PeerAnswer } from '../../../src/core/peers.ts'
import type { Databases } from '../../../src/postgres/databases.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import type { HostView, Judge, Page } from './policy.ts'

/** An answer of the app with this status. */
export const answer = (status: number, text = 'Welcome'): Outcome => ({
  kind: 'answer',
  status,
  headers: {},
  body: Buffer.from(text),
  truncated: false,
})

/** A host whose app and files are what the test has last told it. */
export class FakeHost {
  readonly clock = new ManualClock()
  readonly requests: Page[] = []
  /** `hang`: the app never answers. */
  page: Outcome | 'hang' = answer(200)
  pages: Partial<Record<Page, Outcome>> = {}
  afterMs = 0
  accepts = true
  release = '1'
  isMigrationPending = false
  missingVariables: readonly string[] = []
  peers: Readonly<Record<string, PeerAnswer>> = {}
  peersAsked = 0
  readonly view: HostView

  constructor({ database }: { readonly database?: Databases } = {}) {
    this.view = {
      name: 'this',
      clock: this.clock,
      random: () => 0,
      app: { accepts: () => this.accepts, request: page => this.#request(page) },
      database: database ?? {
        query: () => Promise.reject(new Error('no database')),
        async [Symbol.asyncDispose]() {},
      },
      files: {
        release: () => this.release,
        onRelease() {},
        isMigrationPending: () => this.isMigrationPending,
        missingVariables: () => this.missingVariables,
      },
      peers: () => Object.keys(this.peers),
      askPeer: async name => {
        this.peersAsked += 1
        return this.peers[name] ?? 'silent'
      },
      disk: new Map(),
      tell() {},
    }
  }

  #request(page: Page): Exchange {
    this.requests.push(page)
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const outcome = this.pages[page] ?? this.page
    if (outcome !== 'hang') this.clock.after(this.afterMs, () => resolve(outcome))
    return {
      outcome: promise,
      stage: () => 'waiting',
      destroy: () => resolve({ kind: 'closed', code: 'ABORTED' }),
    }
  }
}

/** A probe of a policy, and how long its answer may take. */
export const probe = async (host: FakeHost, judge: Judge, withinMs = 0): Promise<number | 'no answer'> => {
  const pending = Promise.resolve(judge.probe())
  await host.clock.advance(withinMs)
  return await Promise.race([pending, Promise.resolve('no answer' as const)])
}
