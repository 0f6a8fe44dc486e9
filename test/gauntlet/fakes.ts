/** A resolver whose answers, and a wall clock whose step, stand in a file that a scenario rewrites. */
import dns from 'node:dns'
import type { LookupAddress, LookupOptions } from 'node:dns'
import { readFileSync } from 'node:fs'

/** What the file holds, as JSON. */
export interface Fakes {
  /** By host name; null is a name that does not resolve. */
  readonly hosts: Readonly<Record<string, string | null>>
  /** Milliseconds by which the wall clock is off. */
  readonly clockStepMs: number
}

/** Names in this domain are resolved from the file. */
export const DOMAIN = '.gauntlet.invalid'

const read = (): Fakes => {
  try {
    return JSON.parse(readFileSync(process.env['GAUNTLET_FAKES'] ?? '', 'utf8')) as Fakes
  } catch {
    return { hosts: {}, clockStepMs: 0 }
  }
}

type Callback = (error: Error | null, address?: string | LookupAddress[], family?: number) => void

const realLookup = dns.lookup as (name: string, options: LookupOptions, callback: Callback) => void

const lookup = (name: string, options: LookupOptions | Callback, callback?: Callback): void => {
  const [given, done] = typeof options === 'function' ? [{}, options] : [options, callback!]
  if (!name.endsWith(DOMAIN)) return realLookup(name, given, done)
  const address = read().hosts[name]
  process.nextTick(() => {
    if (!address) done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }))
    else if (given.all) done(null, [{ address, family: 4 }])
    else done(null, address, 4)
  })
}

/** Puts the fakes in place; the clock only where `GAUNTLET_FAKE_CLOCK` asks for it. */
export const installFakes = (): void => {
  Object.assign(dns, { lookup })
  if (!process.env['GAUNTLET_FAKE_CLOCK']) return
  const RealDate = Date
  const now = () => RealDate.now() + read().clockStepMs
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: [], newTarget) =>
      Reflect.construct(target, args.length > 0 ? args : [now()], newTarget) as object,
    get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
  })
}
