import { isIP } from 'node:net'
import { readText } from '../env-file/read-text.ts'
import type { NamedPeer } from './resolve-peer.ts'

/** The `peers` of a configuration: `dns:NAME`, `file:/path`, or a list of hosts. */
export type PeerSource = string | readonly string[]

/** The hosts that a source names, and what of it could not be read: there may be peers behind it. */
export interface PeerNames {
  readonly names: readonly NamedPeer[]
  readonly unread: readonly string[]
}

/** More than any fleet that one balancer serves; the rest of a longer list is ignored. */
const MAX_NAMES = 10_000
/** So many long names fit. */
const MAX_BYTES = 1024 * 1024

/** Longer than any name, of 255 octets (RFC 1035, section 2.3.4), with its port: it would only fill the log. */
const MAX_LENGTH = 270

const PEER = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([\w.-]+))(?::(\d{1,9}))?$/

/** What a `host`, `host:port` or `[host]:port` names; undefined if it is none of them. */
const parsePeer = (text: string, port: number): NamedPeer | undefined => {
  if (text.length > MAX_LENGTH) return undefined
  if (isIP(text)) return { host: text, port }
  const [, bracketed, plain, given] = PEER.exec(text) ?? []
  const host = bracketed ?? plain
  return host === undefined ? undefined : { host, port: given === undefined ? port : Number(given) }
}

/** `placeOf`: how a text is called if it names no host. It may be a line of a file that is no list, with a secret. */
const parse = (
  texts: readonly string[],
  { port, placeOf }: { readonly port: number; readonly placeOf: (index: number) => string },
): PeerNames => {
  const names: NamedPeer[] = []
  const unread: string[] = []
  for (const [i, written] of texts.entries()) {
    const text = written.replace(/#.*/, '').trim()
    if (text === '') continue
    if (names.length + unread.length >= MAX_NAMES) break
    const peer = parsePeer(text, port)
    if (peer) names.push(peer)
    else unread.push(placeOf(i))
  }
  return { names, unread }
}

/** How a source is called that names nobody. */
export const nameOf = (source: PeerSource): string =>
  typeof source === 'string' ? source.slice(source.indexOf(':') + 1) : '`peers`'

/** Whether a list was edited: the one after keeps a host of the one before. Else it is another one. */
export const isEdited = (before: PeerSource | undefined, after: PeerSource | undefined): boolean =>
  typeof before === 'object' && typeof after === 'object' && after.some(host => before.includes(host))

/** Reads a source as it is now. A peer that names no port has this one. Never throws. */
export const readPeerNames = async (source: PeerSource, port: number): Promise<PeerNames> => {
  if (typeof source !== 'string') return parse(source, { port, placeOf: i => `peers[${i}]` })
  if (source.startsWith('dns:')) return parse([source.slice('dns:'.length)], { port, placeOf: () => 'peers' })
  const path = source.slice('file:'.length)
  const answer = await readText(path, { maxBytes: MAX_BYTES })
  if (!answer.ok) return { names: [], unread: [path] }
  return parse(answer.text.split('\n'), { port, placeOf: i => `line ${i + 1} of ${path}` })
}
