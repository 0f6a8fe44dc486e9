import { codeOrUnknown } from '../../lib/describe-error.ts'
import { whyUnreadable } from '../../files/file-error.ts'
import { readFileStart } from '../../files/files.ts'
import type { HostAnswer, HostSource } from './host-answer.ts'

/** Longer than any DNS name with a port. */
const MAX_HOST_BYTES = 512

/** A name or address, with or without a port. */
export const hostPattern = '([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?'

const isHost = (text: string): boolean => new RegExp(`^${hostPattern}$`).test(text)

interface ImdsOptions {
  readonly imdsEndpoint?: string | undefined
}

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

/** Its HTTP client is loaded when it is first needed. */
const fromInstanceMetadata = (imds: ImdsOptions): HostSource => {
  let source: Promise<HostSource> | undefined
  const load = async () => (await import('./imds-host.ts')).createImdsHost(imds)
  return async signal => (await (source ??= load()))(signal)
}

/** The source that a check's `host` names: `file:/path`, `imds:local-ipv4`, or a literal. */
export const hostSourceOf = (host: string, imds: ImdsOptions = {}): HostSource => {
  if (host === 'imds:local-ipv4') return fromInstanceMetadata(imds)
  if (host.startsWith('file:')) return fromFile(host.slice('file:'.length))
  return () => Promise.resolve({ ok: true, host })
}
