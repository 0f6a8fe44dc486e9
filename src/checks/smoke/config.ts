import { Mapping, Size, Text, Type } from '../../schema.ts'
import type { Static } from '../../schema.ts'
import { targetPattern } from './target.ts'

/** Headers that the exchange itself sets, or that would change what a request is. */
const reservedHeaders = [
  'Host',
  'Connection',
  'Content-Length',
  'Expect',
  'Keep-Alive',
  'TE',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
]

/** JSON Schema's patterns know no flag for "in either case". */
const inEitherCase = (name: string) =>
  name.replace(/[a-z]/gi, letter => `[${letter.toUpperCase()}${letter.toLowerCase()}]`)

/** A token of RFC 9110, section 5.6.2, that is not reserved. */
const headerName = `^(?!(${reservedHeaders.map(inEitherCase).join('|')})$)[!#$%&'*+.^_\`|~0-9A-Za-z-]+$`

/** A status, or an inclusive range of them. */
const Status = Type.Union(
  [
    Type.Integer({ minimum: 200, maximum: 599 }),
    Type.String({ pattern: '^[2-5][0-9][0-9]-[2-5][0-9][0-9]$' }),
  ],
  { description: 'a status such as 200, or a range such as 200-299' },
)

export const smokeSchema = Mapping({
  target: Text({
    description: 'http+unix:/path or http://host:port; a target takes no user and no password',
    pattern: targetPattern,
    secret: 'url',
  }),
  path: Type.Optional(Text({ description: 'what to ask for; default /', pattern: '^/[!"$-~]*$' })),
  host: Type.Optional(
    Text({
      description: 'the Host header; default localhost, or host:port of the target',
      pattern: '^[A-Za-z0-9._:\\[\\]-]+$',
    }),
  ),
  headers: Type.Optional(
    Type.Record(
      Type.String({ pattern: headerName }),
      Text({ description: 'the value of a header', pattern: '^[ -~]*$', secret: true }),
    ),
  ),
  method: Type.Optional(
    Type.Union([Type.Literal('GET'), Type.Literal('HEAD')], { description: 'GET (the default) or HEAD' }),
  ),
  expect: Type.Optional(
    Mapping({
      status: Type.Optional(
        Type.Union([Status, Type.Array(Status, { minItems: 1 })], {
          description: 'a status, a range, or a list of them; default 200',
        }),
      ),
      body: Type.Optional(
        Text({ description: 'text that the page must contain, or a /regular expression/' }),
      ),
    }),
  ),
  max_body: Type.Optional(Size({ description: 'how much of the page is read; default 64KiB' })),
})

export type SmokeConfig = Static<typeof smokeSchema>
