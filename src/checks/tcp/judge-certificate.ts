import { daysLeft, describeExpiry, expiresSoon } from '../../connect/certificate.ts'
import type { Certificate } from '../../connect/certificate.ts'
import { describeTlsFault, refusalKind } from '../../connect/tls-problem.ts'
import type { TcpFinding } from './reasons.ts'

export const judgeCertificate = (
  certificate: Certificate,
  { where, serverName, now }: { readonly where: string; readonly serverName: string; readonly now: Date },
): TcpFinding => {
  const { refusal, names, validUntil } = certificate
  const days = daysLeft(certificate, now)
  const evidence = { target: where, certificateDaysLeft: days }
  const code = refusal ?? (validUntil <= now ? 'CERT_HAS_EXPIRED' : undefined)
  if (code !== undefined) {
    const kind = refusalKind(code)
    return {
      status: 'fail',
      reason: kind === 'expired' ? 'TCP_CERTIFICATE_EXPIRED' : 'TCP_CERTIFICATE_REFUSED',
      message: describeTlsFault({ kind, code, names }, { where, serverName }),
      evidence: { ...evidence, code },
    }
  }
  if (expiresSoon(certificate, now))
    return {
      status: 'warn',
      reason: 'TCP_CERTIFICATE_EXPIRES',
      message: describeExpiry(certificate, { where, now }),
      evidence,
    }
  return { status: 'pass', evidence }
}
