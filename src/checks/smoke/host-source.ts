import { codeOrUnknown } from '../../lib/describe-error.ts'
import { whyUnreadable } from '../../files/file-error.ts'
import { readFileStart } from '../../files/files.ts'
import type { HostAnswer, HostSource } from './host-answer.ts'

/** More than a DNS name and a port can take. */
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
      : { ok: false, message: `${path} does not hold a host name or address and nothing else` }
  } catch (error) {
    const code = codeOrUnknown(error)
    const message =
      whyUnreadable(code, path) ?? `${path}, which holds the Host to send, cannot be read: ${code}`
    return { ok: false, message }
  }
}

/** Re-reads the file each time: it is small and may change. */
const fromFile =
  (path: string): HostSource =>
  () =>
    answerOf(path)

/** The HTTP client that asks it is loaded where it is asked. */
const fromInstanceMetadata = (imds: { readonly endpoint?: string }): HostSource => {
  let source: Promise<HostSource> | undefined
  const load = async () => (await import('./imds-host.ts')).createImdsHost(imds)
  return async signal => (await (source ??= load()))(signal)
}

/** The source that a check's `host` names: `file:/path`, `imds:local-ipv4`, or a literal. */
export const hostSourceOf = (host: string, imds: { readonly endpoint?: string } = {}): HostSource => {
  if (host === 'imds:local-ipv4') return fromInstanceMetadata(imds)
  if (host.startsWith('file:')) return fromFile(host.slice('file:'.length))
  return () => Promise.resolve({ ok: true, host })
}
