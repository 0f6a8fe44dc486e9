import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { addressOf } from '../log/probe-log.ts'
import { isOfSidecar, userAgentOf } from '../lib/user-agent.ts'
import { checkerOf } from './known-checkers.ts'
import type { Checker } from './known-checkers.ts'
import { ProbeSource } from './probe-source.ts'

/** More than one balancer has nodes, with a Consul agent and an operator. */
const MAX_SOURCES = 16

/** The sources of probes: a bounded number, whatever clients send. */
export class ProbeSources {
  readonly #sources: ProbeSource[] = []
  /** A source is looked up once for each connection. */
  readonly #bySocket = new WeakMap<Socket, ProbeSource>()

  get all(): readonly ProbeSource[] {
    return this.#sources
  }

  /**
   * The source of a request, if it is known, or if there is a reason to know it: `remember` says so of its checker. Peers
   * come at random, and would hide who probes.
   */
  of(
    request: IncomingMessage,
    now: number,
    remember: (checker: Checker | 'unknown' | 'none') => boolean = () => true,
  ): ProbeSource | undefined {
    const { socket } = request
    const cached = this.#bySocket.get(socket)
    if (cached && !cached.isForgotten) return cached
    const userAgent = userAgentOf(request)
    if (isOfSidecar(userAgent)) return undefined
    const checker = checkerOf(userAgent)
    const address = addressOf(socket)
    const known = this.#sources.find(source => source.address === address && source.checker === checker)
    if (!known && !remember(checker)) return undefined
    const source = known ?? this.#add(new ProbeSource(address, checker, now))
    this.#bySocket.set(socket, source)
    return source
  }

  /** A full list loses the source that was silent for longest; first of those that never had an interval. */
  #add(source: ProbeSource): ProbeSource {
    if (this.#sources.length >= MAX_SOURCES) {
      const irregular = this.#sources.filter(({ intervalMs }) => intervalMs === undefined)
      const candidates = irregular.length > 0 ? irregular : this.#sources
      const oldest = candidates.reduce((a, b) => (b.lastAt < a.lastAt ? b : a))
      oldest.isForgotten = true
      this.#sources.splice(this.#sources.indexOf(oldest), 1)
    }
    this.#sources.push(source)
    return source
  }
}
