import { readText } from '../env-file/read-text.ts'
import type { TlsSettings } from './login.ts'
import type { Credentials } from './open-socket.ts'
import { Refusal } from './refusal.ts'

/** RDS's bundle of all regions and Debian's own have some 200 KiB each, and grow. */
const MAX_BYTES = 1024 * 1024

const read = async (path: string | undefined, parameter: string): Promise<string | undefined> => {
  if (path === undefined) return undefined
  const answer = await readText(path, { maxBytes: MAX_BYTES })
  if (answer.ok) return answer.text
  // the path is a value of the source, and not shown
  throw new Refusal(
    'DATABASE_TLS_FAILED',
    `has a source that names a certificate or a key that cannot be read (${parameter}: ${answer.fault.code})`,
  )
}

/** Reads the certificates and the key that a login names. Throws a Refusal. */
export const readCredentials = async ({ rootCert, cert, key }: TlsSettings): Promise<Credentials> => {
  const ca = await read(rootCert === 'system' ? undefined : rootCert, 'sslrootcert')
  const own = await read(cert, 'sslcert')
  const ownKey = await read(key, 'sslkey')
  return {
    ...(ca !== undefined && { ca }),
    ...(own !== undefined && { cert: own }),
    ...(ownKey !== undefined && { key: ownKey }),
  }
}
