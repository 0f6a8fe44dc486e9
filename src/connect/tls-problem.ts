import { printable } from '../lib/printable.ts'

/** What is wrong with a TLS connection to a server that accepted it. */
export type TlsProblemKind =
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-name'
  | 'self-signed'
  | 'unknown-authority'
  /** The certificate has another fault. */
  | 'certificate'
  /** The server answers in plain text. */
  | 'not-tls'
  /** The two ends have no version of TLS in common. */
  | 'version'
  /** The server wants a certificate of the client, or refuses the one that it is shown. */
  | 'client-certificate'
  /** The server has no certificate for the name that it was asked for. */
  | 'name-refused'
  /** The server closes the connection before it answers. */
  | 'closed'
  /** The handshake failed in another way. */
  | 'handshake'

/** OpenSSL's codes of verification (openssl-verification-options), and Node's own for a name. */
const refusals: Readonly<Record<string, TlsProblemKind>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not-yet-valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'wrong-name',
  HOSTNAME_MISMATCH: 'wrong-name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown-authority',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown-authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown-authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown-authority',
}

/** What the code of a certificate's refusal means. */
export const refusalKind = (code: string): TlsProblemKind => refusals[code] ?? 'certificate'

/** Alerts (RFC 8446, section 6) and other errors of OpenSSL, by the text in their codes. */
const errors: readonly (readonly [RegExp, TlsProblemKind])[] = [
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|BAD_RECORD_TYPE/, 'not-tls'],
  [/ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|INAPPROPRIATE_FALLBACK/, 'version'],
  [/ALERT_UNRECOGNIZED_NAME|TLSV1_UNRECOGNIZED_NAME/, 'name-refused'],
  [
    /ALERT_(?:CERTIFICATE_|BAD_CERTIFICATE|NO_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/,
    'client-certificate',
  ],
  [/^ERR_SSL_|^EPROTO$/, 'handshake'],
]

/** What an error's code means that came from TLS; undefined if it did not come from TLS. */
export const errorKind = (code: string): TlsProblemKind | undefined =>
  errors.find(([pattern]) => pattern.test(code))?.[1]

/** As much of the names in a certificate as a message shows. */
const MAX_NAMES = 200

export interface TlsFault {
  readonly kind: TlsProblemKind
  /** Of OpenSSL, or of Node. */
  readonly code: string
  /** The names in the certificate. A server can write anything there. */
  readonly names?: string
}

/** What is wrong, and what to do, of a server that `where` names. It was asked for as `serverName`. */
export const describeTlsFault = (
  { kind, code, names = '' }: TlsFault,
  { where, serverName }: { readonly where: string; readonly serverName: string },
): string => {
  switch (kind) {
    case 'expired':
      return `the certificate of ${where}, or one of its authorities, has expired: renew it, and restart what serves it; if it is new, check the clock of this host`
    case 'not-yet-valid':
      return `the certificate of ${where}, or one of its authorities, is not valid yet: check the clock of this host, or install a certificate that is valid now`
    case 'wrong-name': {
      const those = names === '' ? 'no name' : printable(names.slice(0, MAX_NAMES)).replaceAll('\n', ' ')
      return `the certificate of ${where} is for another name: it has ${those}, and not ${serverName}; set tls.server_name to a name that it has, or install one for ${serverName}`
    }
    case 'self-signed':
      return `the certificate of ${where} is signed by itself, so no authority vouches for it: set tls.ca_file to a copy of it`
    case 'unknown-authority':
      return `the certificate of ${where} is signed by an authority that is not trusted here (${code}): set tls.ca_file to that authority's certificate; if it is a public one, let the server send its intermediate certificates too`
    case 'certificate':
      return `the certificate of ${where} is not accepted (${code}): install one that OpenSSL accepts`
    case 'not-tls':
      return `${where} does not speak TLS: it answers the handshake in plain text (${code}); name its TLS port, because a switch to TLS (STARTTLS) is not understood, or a target without TLS`
    case 'version':
      return `${where} and health-sidecar have no version of TLS in common (${code}): let the server offer TLS 1.2 or 1.3`
    case 'client-certificate':
      return `${where} wants a certificate of its client, or refuses the one that it is shown (${code}): set tls.cert_file and tls.key_file to one that it trusts, or let it take connections without one`
    case 'name-refused':
      return `${where} has no certificate for the name ${serverName}: set tls.server_name to a name that it serves`
    case 'closed':
      return `${where} closes the connection inside the TLS handshake (${code}): check that the port speaks TLS, and whether it expects the PROXY protocol first; otherwise see its own log`
    case 'handshake':
      return `${where} does not complete the TLS handshake (${code}): it may want a certificate of its client (tls.cert_file and tls.key_file), or have no cipher in common; see its own log`
  }
}
