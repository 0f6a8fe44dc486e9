import { Duration, Mapping, MatcherText, Size, Text, Type } from '../../schema/vocabulary.ts'
import type { Static } from '../../schema/vocabulary.ts'
import { hostPattern } from './host-source.ts'
import { endpointPattern } from '../../connect/endpoint.ts'
import { proxyVersions } from '../../connect/proxy-header.ts'
import { TlsKeys } from '../../connect/tls-keys.ts'
import { targetPattern } from './target.ts'

/** Headers that the exchange sets itself, or that change what kind of request it is. */
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

/** JSON Schema's patterns have no flag that ignores case. */
const inEitherCase = (name: string) =>
  name.replace(/[a-z]/gi, letter => `[${letter.toUpperCase()}${letter.toLowerCase()}]`)

/** A token of RFC 9110, section 5.6.2. */
const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}"
const anyHeaderName = `^${token}$`
const headerName = `^(?!(${reservedHeaders.map(inEitherCase).join('|')})$)${token}$`

/** A status, or an inclusive range. */
const Status = Type.Union(
  [
    Type.Integer({ minimum: 200, maximum: 599 }),
    Type.String({ pattern: '^[2-5][0-9][0-9]-[2-5][0-9][0-9]$' }),
  ],
  { description: 'a status such as 200, or a range such as 200-299' },
)

export const smokeSchema = Mapping({
  target: Text({
    description:
      'http+unix:/path, http://host:port, https+unix:/path, https://host:port, uwsgi+unix:/path, uwsgi://host:port, fastcgi+unix:/path or fastcgi://host:port, with no user and no password',
    pattern: targetPattern,
    secret: 'url',
  }),
  path: Text({
    default: '/',
    description: 'a path to request, such as / or /about/?page=2',
    pattern: '^/[!"$-~]{0,2000}$',
  }),
  tls: Type.Optional(TlsKeys({ defaultName: 'the Host, without its port' })),
  proxy_protocol: Type.Optional(
    Type.Enum([...proxyVersions], {
      description: 'v1 or v2: the PROXY protocol header that the server expects before a request',
    }),
  ),
  script: Type.Optional(
    Text({
      description: 'the absolute path of the script that FastCGI runs, such as /srv/app/public/index.php',
      pattern: '^/[!-~]{1,1000}$',
    }),
  ),
  host: Type.Optional(
    Text({
      description:
        'the Host to send, or file:/path or imds:local-ipv4 as its source; default localhost, or host:port of the target',
      pattern: `^(file:/.+|imds:local-ipv4|${hostPattern})$`,
    }),
  ),
  headers: Type.Optional(
    Type.Record(
      Type.String({ pattern: headerName }),
      Type.String({
        description: 'the value of a header, up to 1000 printable characters',
        pattern: '^[ -~]*$',
        maxLength: 1000,
        secret: true,
      }),
      {
        additionalProperties: false,
        maxProperties: 30,
        description: 'a mapping of up to 30 headers to send, without Host and those of the connection',
      },
    ),
  ),
  method: Type.Union([Type.Literal('GET'), Type.Literal('HEAD')], {
    default: 'GET',
    description: 'GET or HEAD',
  }),
  expect: Mapping(
    {
      status: Type.Union([Status, Type.Array(Status, { minItems: 1 })], {
        default: 200,
        description: 'a status such as 200, a range such as 200-299, or a list of them',
      }),
      body: Type.Optional(
        MatcherText({ description: 'text that the page must contain, or a /regular expression/' }),
      ),
      headers: Type.Optional(
        Type.Record(
          Type.String({ pattern: anyHeaderName }),
          MatcherText({ description: 'text that the header must contain, or a /regular expression/' }),
          { additionalProperties: false, description: 'a mapping of headers that the answer must have' },
        ),
      ),
      release: Type.Optional(
        Text({
          description:
            'header:NAME, or body: where the page names its release, which must be the one on the host',
          pattern: `^(body|header:${token})$`,
        }),
      ),
      max_latency: Type.Optional(
        Duration({ description: 'a duration such as 500ms: a slower answer is a warning' }),
      ),
    },
    { default: {} },
  ),
  patience: Duration({
    default: '30s',
    description: 'a duration such as 30s: a slow app counts as busy while it answers within this time',
  }),
  progress: Type.Optional(
    Mapping(
      {
        uwsgi_stats: Text({
          description: "unix:/path or host:port of uWSGI's stats server",
          pattern: endpointPattern,
        }),
      },
      { description: 'a mapping with the key uwsgi_stats' },
    ),
  ),
  samples: Type.Integer({
    minimum: 1,
    maximum: 10,
    default: 1,
    description: 'a whole number from 1 to 10: how many requests one run sends, one after the other',
  }),
  show_error_page: Type.Boolean({
    default: false,
    description: 'true or false: whether findings show the first two lines of a page that is not as expected',
  }),
  max_body: Size({ default: '64KiB', description: 'a size such as 64KiB: how much of the page is read' }),
})

export type SmokeConfig = Static<typeof smokeSchema>
