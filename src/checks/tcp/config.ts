import { endpointPattern } from '../../connect/endpoint.ts'
import { TlsKeys } from '../../connect/tls-keys.ts'
import { Mapping, Text, Type } from '../../schema/vocabulary.ts'
import type { Static } from '../../schema/vocabulary.ts'

export const tcpSchema = Mapping({
  target: Text({ description: 'host:port or unix:/path', pattern: endpointPattern }),
  send: Type.Optional(Text({ description: 'text to send, such as "PING\\r\\n"', secret: true })),
  expect: Type.Optional(Text({ description: 'text that the answer must contain within its first 64 KiB' })),
  tls: Type.Optional(TlsKeys({ defaultName: 'the host of the target' })),
})

export type TcpConfig = Static<typeof tcpSchema>
