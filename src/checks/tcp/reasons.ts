import type { Finding } from '../../core/finding.ts'
import type { GeneralReason } from '../../core/reason.ts'

export const tcpReasons = [
  'TCP_SOCKET_MISSING',
  'TCP_SOCKET_STALE',
  'TCP_CONNECTION_REFUSED',
  'TCP_SOCKET_FORBIDDEN',
  'TCP_BACKLOG_FULL',
  'TCP_UNREACHABLE',
  'TCP_CLOSED',
  'TCP_NO_ANSWER',
  'TCP_ANSWER_UNEXPECTED',
  'TCP_TLS_FAILED',
  'TCP_CERTIFICATE_REFUSED',
  'TCP_CERTIFICATE_EXPIRED',
  'TCP_CERTIFICATE_EXPIRES',
  'TCP_CA_UNREADABLE',
] as const

export type TcpReason = (typeof tcpReasons)[number]
export type TcpFinding = Finding<TcpReason | GeneralReason>
