import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

type Done = Parameters<LookupFunction>[2]

/** Who waits for a lookup in flight, by name. */
const waiting = new Map<string, Done[]>()

/**
 * Resolves a name, for `net.connect`. A name has only one lookup in flight: each lookup occupies one of libuv's threads,
 * and with a silent DNS server that takes many seconds.
 */
export const lookupOnce: LookupFunction = (host, _options, done) => {
  const others = waiting.get(host)
  if (others) {
    others.push(done)
    return
  }
  const all = [done]
  waiting.set(host, all)
  lookup(host, { all: true }, (error, addresses) => {
    waiting.delete(host)
    for (const each of all) each(error, addresses)
  })
}
