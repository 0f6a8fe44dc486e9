import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { whyUnreadable } from '../files/file-error.ts'
import { readTextFile } from '../files/files.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import type { TlsConfig } from './tls-keys.ts'

/** Four times the bundle of a distribution. */
const MAX_BYTES = 1024 * 1024

export type TlsFiles =
  { readonly ok: true; readonly context: SecureContext } | { readonly ok: false; readonly message: string }

type Texts = Partial<Record<'ca' | 'cert' | 'key', string>>

/** Why a key's file cannot be used. The message is for an operator. */
class Unusable extends Error {}

const read = async (path: string, key: string): Promise<string> => {
  try {
    return await readTextFile(path, { maxBytes: MAX_BYTES })
  } catch (error) {
    const code = codeOrUnknown(error)
    const why =
      whyUnreadable(code, path) ??
      `cannot read tls.${key} ${path} (${code}): correct the path, or its permissions`
    throw new Unusable(why)
  }
}

const CERTIFICATE =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----.*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/gs

/** OpenSSL passes over what is no certificate, in silence. */
const requireCertificates = (
  text: string,
  { path, key }: { readonly path: string; readonly key: string },
) => {
  const blocks = text.match(CERTIFICATE) ?? []
  try {
    if (blocks.length > 0 && blocks.every(block => new X509Certificate(block))) return
  } catch {
    throw new Unusable(`tls.${key} ${path} has a certificate that is damaged: write the file again`)
  }
  throw new Unusable(
    `tls.${key} ${path} has no certificate in PEM form (-----BEGIN CERTIFICATE-----): convert it`,
  )
}

const contextOf = (texts: Texts, { cert_file, key_file }: TlsConfig): SecureContext => {
  try {
    // an intermediate, or the server's own certificate, may stand for its authority
    return createSecureContext({ ...texts, allowPartialTrustChain: true })
  } catch (error) {
    throw new Unusable(
      `tls.cert_file ${cert_file} and tls.key_file ${key_file} cannot be used (${codeOrUnknown(error)}): check that they belong together, and that the key has no password`,
    )
  }
}

/** The files that the key `tls` names. They are re-read each time, and loaded again only if they have changed. */
export const createTlsFiles = (config: TlsConfig): { read(): Promise<TlsFiles> } => {
  let last: { readonly texts: string; readonly context: SecureContext } | undefined

  const load = async (): Promise<SecureContext> => {
    const { ca_file, cert_file, key_file } = config
    const texts: Texts = {
      ...(ca_file !== undefined && { ca: await read(ca_file, 'ca_file') }),
      ...(cert_file !== undefined && { cert: await read(cert_file, 'cert_file') }),
      ...(key_file !== undefined && { key: await read(key_file, 'key_file') }),
    }
    const joined = JSON.stringify(texts)
    if (last?.texts === joined) return last.context
    if (ca_file !== undefined) requireCertificates(texts.ca ?? '', { path: ca_file, key: 'ca_file' })
    if (cert_file !== undefined) requireCertificates(texts.cert ?? '', { path: cert_file, key: 'cert_file' })
    const context = contextOf(texts, config)
    last = { texts: joined, context }
    return context
  }

  return {
    read: async () => {
      try {
        return { ok: true, context: await load() }
      } catch (error) {
        if (error instanceof Unusable) return { ok: false, message: error.message }
        throw error
      }
    },
  }
}
