import { endpointPattern } from '../../connect/endpoint.ts'
import { Mapping, Text, Type } from '../../schema/vocabulary.ts'
import type { Static } from '../../schema/vocabulary.ts'

export const tcpSchema = Mapping({
  target: Text({ description: 'host:port or unix:/path', pattern: endpointPattern }),
  send: Type.Optional(Text({ description: 'text to send, such as "PING\\r\\n"', secret: true })),
  expect: Type.Optional(Text({ description: 'text that the answer must contain within its first 64 KiB' })),
  tls: Type.Optional(
    Mapping(
      {
        server_name: Type.Optional(
          Text({
            description: 'the name in the certificate; default: the host of the target',
            pattern: '^[A-Za-z0-9._-]+$',
          }),
        ),
        ca_file: Type.Optional(
          Text({ description: 'the path of a PEM file with the authorities to trust', pattern: '^/' }),
        ),
      },
      { description: 'a mapping with the keys server_name and ca_file; {} for neither' },
    ),
  ),
})

export type TcpConfig = Static<typeof tcpSchema>
