import type { Contradiction } from '../core/check.ts'
import { isMapping } from '../lib/json.ts'
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

const wrong = (key: string, message: string): Contradiction => ({ path: ['tls', key], message })

/** What the keys of `tls` have against each other, for a check's own contradictions. Any value may be invalid. */
export const tlsContradictions = (tls: unknown): readonly Contradiction[] => {
  if (!isMapping(tls)) return []
  const { verify, ca_file, cert_file, key_file } = tls
  return [
    ...(verify === false && ca_file !== undefined
      ? [wrong('ca_file', 'nothing is verified while verify is false; remove one of the two')]
      : []),
    ...(cert_file !== undefined && key_file === undefined
      ? [wrong('cert_file', 'a certificate needs its key; set key_file too')]
      : []),
    ...(key_file !== undefined && cert_file === undefined
      ? [wrong('key_file', 'a key needs its certificate; set cert_file too')]
      : []),
  ]
}

/** What a check gives up that takes any certificate. */
export const tlsWarnings = ({
  target,
  tls,
}: {
  readonly target: string
  readonly tls?: TlsConfig
}): readonly string[] =>
  tls?.verify === false
    ? [
        `tls.verify is false, so whatever listens on ${target} can answer in the app's place; set tls.ca_file instead`,
      ]
    : []
