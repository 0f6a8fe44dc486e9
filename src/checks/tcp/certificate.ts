import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import type { TcpFinding } from './reasons.ts'

const DAY_MS = 86_400_000
/** Time enough to renew by hand. */
const WARN_DAYS = 14

/** What is judged of a certificate. */
export interface Certificate {
  /** The first end of the certificate and of those that it depends on. */
  readonly validUntil: Date
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

export const certificateOf = (socket: TLSSocket): Certificate => ({
  validUntil: firstEndOf(socket.getPeerCertificate(true)),
  refusal: socket.authorized ? undefined : codeOfRefusal(socket.authorizationError),
})

/** Node gives the code as text or as an error's code. */
const codeOfRefusal = (error: unknown): string => {
  if (typeof error === 'string') return error
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
}

export const judgeCertificate = (
  { validUntil, refusal }: Certificate,
  { where, now }: { readonly where: string; readonly now: Date },
): TcpFinding => {
  const daysLeft = Math.floor((validUntil.getTime() - now.getTime()) / DAY_MS)
  const evidence = { target: where, certificateDaysLeft: daysLeft }
  if (refusal === 'CERT_HAS_EXPIRED' || validUntil <= now)
    return {
      status: 'fail',
      reason: 'TCP_CERTIFICATE_EXPIRED',
      message: `the certificate of ${where}, or one of its authorities, has expired: renew it, and restart what serves it`,
      evidence,
    }
  if (refusal !== undefined)
    return {
      status: 'fail',
      reason: 'TCP_CERTIFICATE_REFUSED',
      message: `the certificate of ${where} is not trusted (${refusal}): set tls.server_name to its name, or tls.ca_file to its authority`,
      evidence,
    }
  if (daysLeft < WARN_DAYS)
    return {
      status: 'warn',
      reason: 'TCP_CERTIFICATE_EXPIRES',
      message: `the certificate of ${where}, or one of its authorities, expires in ${daysLeft} days: renew it`,
      evidence,
    }
  return { status: 'pass', evidence }
}
