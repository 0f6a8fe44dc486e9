import { Mapping, Text, Type } from '../schema/vocabulary.ts'
import type { Static } from '../schema/vocabulary.ts'

const PemFile = (what: string) =>
  Type.Optional(Text({ description: `the path of a PEM file with ${what}`, pattern: '^/' }))

/** The key `tls` of a check that can encrypt its connections. `defaultName` says which name is in the certificate. */
export const TlsKeys = ({ defaultName }: { readonly defaultName: string }) =>
  Mapping(
    {
      server_name: Type.Optional(
        Text({
          description: `the name in the certificate; default: ${defaultName}`,
          pattern: '^[A-Za-z0-9._:-]+$',
        }),
      ),
      ca_file: PemFile('the authorities to trust'),
      verify: Type.Boolean({
        default: true,
        description: 'true, or false: any certificate is taken, which is told as a warning for ever',
      }),
      cert_file: PemFile('a certificate to show to the server'),
      key_file: PemFile('the key of cert_file, without a password'),
    },
    {
      description:
        'a mapping with the keys server_name, ca_file, verify, cert_file and key_file; {} for none of them',
    },
  )

export type TlsConfig = Static<ReturnType<typeof TlsKeys>>

/** What the keys have against each other: the key that is wrong, and what to do. */
export const tlsContradictions = (
  keys: Readonly<Record<string, unknown>>,
): readonly { readonly key: string; readonly message: string }[] => [
  ...(keys['verify'] === false && keys['ca_file'] !== undefined
    ? [{ key: 'ca_file', message: 'nothing is verified while verify is false; remove one of the two' }]
    : []),
  ...(keys['cert_file'] !== undefined && keys['key_file'] === undefined
    ? [{ key: 'cert_file', message: 'a certificate needs its key; set key_file too' }]
    : []),
  ...(keys['key_file'] !== undefined && keys['cert_file'] === undefined
    ? [{ key: 'key_file', message: 'a key needs its certificate; set cert_file too' }]
    : []),
]

/** What a configuration gives up that takes any certificate. */
export const unverifiedWarning = (where: string): string =>
  `tls.verify is false, so whatever listens on ${where} can answer in the app's place; set tls.ca_file instead`
