import { isIPv4 } from 'node:net'
import type { InstanceMetadata } from '../../connect/instance-metadata.ts'
import { codeOrUnknown } from '../../lib/describe-error.ts'
import { whyUnreadable } from '../../files/file-error.ts'
import { readFileStart } from '../../files/files.ts'
import type { HostAnswer, HostSource } from './host-answer.ts'

/** Longer than any DNS name with a port. */
const MAX_HOST_BYTES = 512

/** A name or address, with or without a port. */
export const hostPattern = '([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?'

const isHost = (text: string): boolean => new RegExp(`^${hostPattern}$`).test(text)

const readHost = async (path: string): Promise<string> =>
  (await readFileStart(path, { maxBytes: MAX_HOST_BYTES })).bytes.toString('latin1').trim()

const answerOf = async (path: string): Promise<HostAnswer> => {
  try {
    const host = await readHost(path)
    return isHost(host)
      ? { ok: true, host }
      : { ok: false, message: `${path} must contain a host name or address and nothing else` }
  } catch (error) {
    const code = codeOrUnknown(error)
    const message =
      whyUnreadable(code, path) ?? `cannot read ${path}, which contains the Host to send: ${code}`
    return { ok: false, message }
  }
}

/** Re-reads the file each time: it is small and may change. */
const fromFile =
  (path: string): HostSource =>
  () =>
    answerOf(path)

const failed = (why: string): HostAnswer => ({
  ok: false,
  message: `the instance metadata service ${why}`,
})

/**
 * The instance's private IPv4 address. It is requested until it is known, and then kept: the primary address of an EC2
 * instance never changes.
 */
const fromInstanceMetadata = (metadata: InstanceMetadata): HostSource => {
  let host: string | undefined
  return async signal => {
    if (host !== undefined) return { ok: true, host }
    const answer = await metadata.get('local-ipv4', signal)
    if (answer.kind === 'unknown') return failed(answer.why)
    if (answer.kind === 'absent') return failed('answered 404 to a request for local-ipv4')
    if (!isIPv4(answer.text)) return failed('answered without an IPv4 address')
    host = answer.text
    return { ok: true, host }
  }
}

/** The source that a check's `host` names: `file:/path`, `imds:local-ipv4`, or a literal. */
export const hostSourceOf = (host: string, metadata: InstanceMetadata): HostSource => {
  if (host === 'imds:local-ipv4') return fromInstanceMetadata(metadata)
  if (host.startsWith('file:')) return fromFile(host.slice('file:'.length))
  return () => Promise.resolve({ ok: true, host })
}
