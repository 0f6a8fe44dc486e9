import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { isMapping, parseJson } from '../lib/json.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import type { StatusDocument } from '../status/status-document.ts'

/** Longer than a daemon takes that works at all: it answers from what it knows. */
const ANSWER_TIMEOUT_MS = 4000

export type DaemonAnswer =
  | { readonly ok: true; readonly document: StatusDocument }
  /** A sentence on why there is no answer. */
  | { readonly ok: false; readonly message: string }

const isStatusDocument = (value: unknown): value is StatusDocument =>
  isMapping(value) && 'status' in value && 'phase' in value && 'checks' in value

const advice: Readonly<Record<string, string>> = {
  ENOENT: 'is the daemon running?',
  ECONNREFUSED: 'the daemon that listened there has ended',
  EACCES: 'this user may not open it; be of its group, or root',
  ABORT_ERR: `it said nothing for ${ANSWER_TIMEOUT_MS} ms; the daemon hangs, or the host does`,
}

/** Asks the daemon that listens on an admin socket for its status document. Never throws, and takes 4 seconds at most. */
export const askDaemon = async (socketPath: string): Promise<DaemonAnswer> => {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
  request({ socketPath, path: '/status', signal, agent: false }, response => {
    text(response).then(resolve, reject)
  })
    .on('error', reject)
    .end()
  try {
    const document = parseJson(await promise)
    if (isStatusDocument(document)) return { ok: true, document }
    return { ok: false, message: `what answers on ${socketPath} is not health-sidecar` }
  } catch (error) {
    const code = codeOrUnknown(error)
    const more = advice[code] ?? 'look at the daemon’s log'
    return { ok: false, message: `no daemon answers on ${socketPath} (${code}): ${more}` }
  }
}
