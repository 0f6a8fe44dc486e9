import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'

const DAY_MS = 86_400_000
/** Time enough to renew by hand. */
const WARN_MS = 14 * DAY_MS

/** What is judged of a certificate. */
export interface Certificate {
  readonly validFrom: Date
  /** The first end of the certificate and of those that it depends on. */
  readonly validUntil: Date
  /** The names that it is for, as OpenSSL writes them: `DNS:localhost, IP Address:127.0.0.1`. */
  readonly names: string
  /** Why it is not trusted, such as CERT_HAS_EXPIRED; undefined if it is. */
  readonly refusal: string | undefined
}

/** When the first certificate of a chain ends. The last one of a chain is its own issuer. */
export const firstEndOf = (leaf: Pick<DetailedPeerCertificate, 'valid_to' | 'issuerCertificate'>): Date => {
  const seen = new Set<object>()
  const ends: number[] = []
  for (
    let certificate: typeof leaf | undefined = leaf;
    certificate && !seen.has(certificate);
    certificate = certificate.issuerCertificate
  ) {
    seen.add(certificate)
    ends.push(Date.parse(certificate.valid_to))
  }
  return new Date(Math.min(...ends))
}

export const certificateOf = (socket: TLSSocket): Certificate => {
  const leaf = socket.getPeerCertificate(true)
  const { valid_from, subjectaltname = '' } = leaf
  return {
    validFrom: new Date(valid_from),
    validUntil: firstEndOf(leaf),
    names: subjectaltname,
    refusal: socket.authorized ? undefined : codeOfRefusal(socket.authorizationError),
  }
}

/** Node gives the code as text or as an error's code. */
const codeOfRefusal = (error: unknown): string => {
  if (typeof error === 'string') return error
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
}

/** Days until a certificate expires, rounded down. */
export const daysLeft = ({ validUntil }: Pick<Certificate, 'validUntil'>, now: Date): number =>
  Math.floor((validUntil.getTime() - now.getTime()) / DAY_MS)

/**
 * Whether a certificate expires soon: in less than 14 days, and less than a third of its life is left. Those that live
 * for days are renewed by a program, which does so before the last third (RFC 8555 clients such as certbot).
 */
export const expiresSoon = (
  { validFrom, validUntil }: Pick<Certificate, 'validFrom' | 'validUntil'>,
  now: Date,
): boolean => {
  const leftMs = validUntil.getTime() - now.getTime()
  return leftMs < WARN_MS && leftMs < (validUntil.getTime() - validFrom.getTime()) / 3
}

/** What is said of a certificate that expires soon. `where` names the server. */
export const describeExpiry = (
  certificate: Pick<Certificate, 'validUntil'>,
  { where, now }: { readonly where: string; readonly now: Date },
): string =>
  `the certificate of ${where}, or one of its authorities, expires in ${daysLeft(certificate, now)} days: renew it`
