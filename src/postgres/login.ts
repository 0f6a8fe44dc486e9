/** The modes of libpq (manual, "SSL Mode Descriptions"). */
export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof sslModes)[number]

export const bindings = ['disable', 'prefer', 'require'] as const
export type ChannelBinding = (typeof bindings)[number]

export const sessionKinds = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const
/** What a session must be, if there are several hosts (libpq's `target_session_attrs`). */
export type SessionKind = (typeof sessionKinds)[number]

/** Where a server listens. */
export interface Address {
  /** A name, an IP address, or the directory of a Unix socket. A certificate is checked against it. */
  readonly host: string
  /** Connect to this IP address, without a look-up of `host`. */
  readonly hostaddr?: string
  readonly port: number
}

export interface TlsSettings {
  readonly mode: SslMode
  /** `direct`: TLS from the first byte, as Postgres 17 and later accept it. */
  readonly negotiation: 'postgres' | 'direct'
  /** Path of the authorities' certificates, or `system`. */
  readonly rootCert?: string
  readonly cert?: string
  readonly key?: string
  readonly keyPassword?: string
  readonly minVersion?: string
  readonly maxVersion?: string
}

/** How to log in to a database. It contains secrets and must never be shown. */
export interface Login {
  /** Tried in this order. */
  readonly addresses: readonly Address[]
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly tls: TlsSettings
  readonly sessionKind: SessionKind
  readonly connectTimeoutMs?: number
  /** Whether the source itself allows a password in clear text without TLS. */
  readonly allowsClearPassword: boolean
  /** Methods that the server may ask for; empty: any. */
  readonly requireAuth: readonly string[]
  readonly channelBinding: ChannelBinding
  /** Command-line options for the server, as in libpq. */
  readonly options?: string
  /** As the setting search_path takes it. */
  readonly searchPath?: string
  /** The table of golang-migrate, which its URL can name. */
  readonly migrationsTable?: string
  /** Names of parameters that have no known meaning, and may be shown. */
  readonly unknownParameters: readonly string[]
  /** Texts of the source that a message must not quote. */
  readonly secrets: readonly string[]
}
