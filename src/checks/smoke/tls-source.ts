import type { TlsClient } from '../../connect/start-tls.ts'
import type { createTlsFiles } from '../../connect/tls-files.ts'
import type { TlsConfig } from '../../connect/tls-keys.ts'

type TlsAnswer =
  { readonly ok: true; readonly client: TlsClient } | { readonly ok: false; readonly message: string }

/** A Host without its port, and an IPv6 address without its brackets. */
const nameIn = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')

/** How to encrypt a request with this Host. The code of TLS is loaded when it is first needed. */
export const createTlsSource = (
  config: TlsConfig = { verify: true },
): ((host: string) => Promise<TlsAnswer>) => {
  let files: Promise<ReturnType<typeof createTlsFiles>> | undefined
  const load = async () => (await import('../../connect/tls-files.ts')).createTlsFiles(config)
  return async host => {
    const read = await (await (files ??= load())).read()
    if (!read.ok) return read
    const serverName = config.server_name ?? nameIn(host)
    return { ok: true, client: { context: read.context, serverName, verify: config.verify } }
  }
}
