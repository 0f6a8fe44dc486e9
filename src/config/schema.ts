import { portPattern } from '../connect/endpoint.ts'
import { Duration, Mapping, PositiveDuration, Text, Type, Whole } from '../schema/vocabulary.ts'
import { checkSchemas } from './check-schemas.ts'
import type { CheckConfig } from './check-schemas.ts'
import { DEFAULT_DRAIN_WAIT } from './default-drain-wait.ts'
import { adminSocketIn, runDirectoryOf } from './named-app.ts'

/** Port 0 would be any free port, which no balancer knows. A leading zero would hide that an address is listed twice. */
const Address = () =>
  Text({
    description: 'host:port, unix:/path, or systemd (socket activation)',
    pattern: String.raw`^(systemd|unix:/.+|(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.*-]+):${portPattern})$`,
  })

const holdLimit = () =>
  [Type.Literal('forever'), Duration({ description: 'a duration such as 15m' })] as const

const holdMember = (fallback: string, why: string) =>
  Type.Union([...holdLimit()], {
    default: fallback,
    description: `a duration such as 15m, or forever: how long an unknown may hold while ${why}`,
  })

const ListenAddress = () =>
  Type.Union(
    [
      Address(),
      Mapping({
        address: Address(),
        proxy_protocol: Type.Optional(
          Type.Boolean({
            description:
              'true or false: whether each connection must begin with a PROXY protocol header, v1 or v2',
          }),
        ),
      }),
    ],
    { description: 'host:port, unix:/path, systemd, or a mapping of address and proxy_protocol' },
  )

const listen = Type.Union([Address(), Type.Array(ListenAddress(), { minItems: 1 })], {
  default: '0.0.0.0:80',
  description: 'host:port, unix:/path or systemd, or a list of these: where to answer probes',
})

/** The checks, each of one of these types. */
export const checksSchema = (oneOf: readonly object[]) =>
  Type.Unsafe<CheckConfig[]>({
    type: 'array',
    description: 'a list of 1 to 500 checks of this host',
    minItems: 1,
    maxItems: 500,
    items: { type: 'object', discriminator: { propertyName: 'type' }, required: ['type'], oneOf },
  })

/** The configuration file. Validation, defaults, types and the JSON Schema for editors come from here. */
export const configSchema = Mapping(
  {
    listen,
    path: Text({
      default: '/health',
      description: 'a path such as /health: where probes are answered',
      pattern: '^/[A-Za-z0-9._~/-]*$',
    }),
    admin: Mapping(
      {
        socket: Text({
          default: adminSocketIn(runDirectoryOf(undefined)),
          description: 'the path of the Unix socket of the admin listener',
        }),
        listen: Type.Optional(Address()),
        hosts: Type.Optional(
          Type.Array(
            Text({
              description: 'a name such as app1.example.com, or *.example.com',
              pattern: String.raw`^(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`,
            }),
            {
              maxItems: 100,
              description:
                'a list of names such as app1.example.com or *.example.com: by which names the admin listener may be asked',
            },
          ),
        ),
      },
      { default: {}, description: 'a mapping: the admin listener, for status and actions' },
    ),
    deadline: PositiveDuration({
      default: '4s',
      description: 'a duration above zero such as 4s: the longest time until a probe is answered',
    }),
    release: Type.Optional(
      Text({ description: 'file:/path, env:NAME, link:/path, or a literal: which release is on the host' }),
    ),
    state_dir: Text({
      default: runDirectoryOf(undefined),
      description: 'a directory for state that outlives a restart',
    }),
    hold: Type.Union(
      [
        ...holdLimit(),
        Mapping({
          local: holdMember('15m', 'the sidecar could not look'),
          shared: holdMember('forever', 'something that all hosts use is in trouble'),
          busy: holdMember('forever', 'the app is slow but makes progress'),
        }),
      ],
      {
        default: '15m',
        description:
          'a duration such as 15m, forever, or a mapping of local, shared and busy: the longest time that an unknown may hold',
      },
    ),
    peers: Type.Optional(
      Type.Union(
        [
          Text({
            description: 'dns:NAME or file:/path',
            pattern: `^(dns:[A-Za-z0-9._-]+(:${portPattern})?|file:/.+)$`,
          }),
          Type.Array(
            Text({
              description: 'a host, or host:port',
              pattern: String.raw`^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:${portPattern})?$`,
            }),
            { minItems: 1, maxItems: 1000 },
          ),
        ],
        {
          description:
            'dns:NAME, file:/path with a host a line, or a list of hosts: other sidecars, which tell whose trouble it is',
        },
      ),
    ),
    startup: Mapping(
      {
        healthy_threshold: Whole({
          default: 5,
          description: 'a whole number from 1: all-pass rounds in a row before the first 200',
        }),
      },
      { default: {}, description: 'a mapping: what a host must prove before its first pass' },
    ),
    drain: Mapping(
      {
        wait: Duration({
          default: DEFAULT_DRAIN_WAIT,
          description: 'a duration such as 20s: on SIGTERM, answer 503 for this long, then close',
        }),
      },
      { default: {}, description: 'a mapping: how the host leaves service' },
    ),
    lifecycle: Type.Optional(
      Mapping(
        {
          imds: Type.Boolean({
            default: false,
            description:
              'true, or false: drain for a spot interruption or a termination that the instance metadata service of EC2 announces',
          }),
        },
        { description: 'a mapping: what is in store for this instance' },
      ),
    ),
    log: Mapping(
      {
        level: Type.Union(
          (['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const).map(level => Type.Literal(level)),
          { default: 'info', description: 'trace, debug, info, warn, error or fatal' },
        ),
        file: Text({ default: 'stdout', description: 'stdout, or the path of a file' }),
        probes: Text({
          default: 'changes',
          description: 'none, changes, all, or file:/path',
          pattern: '^(none|changes|all|file:/.+)$',
        }),
        emf: Type.Union(
          [
            Type.Boolean(),
            // "true" and "false" of the environment are the others
            Text({
              description: 'a name of letters, digits, dots, dashes, underscores and slashes',
              pattern: '^(?!(?:true|false)$)[A-Za-z0-9_][A-Za-z0-9._/-]{0,99}$',
            }),
          ],
          {
            default: false,
            description:
              'true, false, or the name of the service, at most 100 letters, digits, dots, dashes, underscores and slashes: metrics for CloudWatch, in its Embedded Metric Format',
          },
        ),
      },
      { default: {}, description: 'a mapping: the log, one JSON object a line' },
    ),
    checks: checksSchema(checkSchemas),
  },
  { description: 'the configuration of health-sidecar' },
)
