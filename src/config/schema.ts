import { checkTypes } from '../checks/registry.ts'
import { Duration, Mapping, PositiveDuration, Text, Type } from '../schema/vocabulary.ts'
import type { Static } from '../schema/vocabulary.ts'
import { adminSocketIn, runDirectoryOf } from './named-app.ts'
import { formatDuration } from './units.ts'

const Address = () =>
  Text({
    description: 'host:port, unix:/path, or systemd (socket activation)',
    pattern: String.raw`^(systemd|unix:/.+|(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.*-]+):\d{1,5})$`,
  })

const whole = (options: { readonly default: number; readonly description: string }) =>
  Type.Integer({ minimum: 1, ...options })

const holdLimit = () =>
  [Type.Literal('forever'), Duration({ description: 'a duration such as 15m' })] as const

const holdMember = (fallback: string, why: string) =>
  Type.Union([...holdLimit()], {
    default: fallback,
    description: `a duration such as 15m, or forever: how long an unknown may hold while ${why}`,
  })

/** The keys of every check. A type may set its own defaults. */
const commonKeys = (defaults: { readonly interval: string; readonly fresh_for: string }) => ({
  name: Text({
    description: 'a name of letters, digits, dots, dashes and underscores',
    pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]*$',
  }),
  interval: PositiveDuration({
    default: defaults.interval,
    description: 'a duration above zero such as 10s: time between two background runs',
  }),
  fresh_for: Duration({
    default: defaults.fresh_for,
    description: 'a duration such as 1s: a probe is answered from a finding no older than this',
  }),
  timeout: PositiveDuration({
    default: '2s',
    description: 'a duration above zero such as 2s: the longest time of one run',
  }),
  healthy_threshold: whole({
    default: 1,
    description: 'a whole number from 1: passes in a row that turn a failing check to passing',
  }),
  unhealthy_threshold: whole({
    default: 1,
    description: 'a whole number from 1: failures in a row that turn a passing check to failing',
  }),
  required: Type.Boolean({ default: true, description: 'true, or false: the check can only warn' }),
  gate: Type.Union([Type.Literal('always'), Type.Literal('startup')], {
    default: 'always',
    description: 'always, or startup: runs only until the first pass',
  }),
  depends_on: Type.Array(Text({ description: 'the name of a check' }), {
    default: [],
    maxItems: 50,
    description:
      "a list of names of checks: while one of them is in trouble that is not proved to be this host's own, a failure of this check is unknown",
  }),
  shared: Type.Optional(
    Type.Boolean({
      description:
        'true: all hosts use what this check looks at, so its failure excuses the checks that depend on it; false: only this host does',
    }),
  ),
})

interface ObjectSchema {
  readonly properties?: Record<string, object>
  readonly required?: readonly string[]
}

const checkSchemas = checkTypes.map(({ type, schema, defaults }) => {
  const own: ObjectSchema = schema
  const common = commonKeys({
    interval: formatDuration(defaults?.intervalMs ?? 10_000),
    fresh_for: formatDuration(defaults?.freshForMs ?? 1000),
  })
  return {
    ...schema,
    type: 'object',
    properties: { type: { const: type }, ...common, ...own.properties },
    required: ['name', 'type', ...(own.required ?? [])],
    additionalProperties: false,
  }
})

type CommonConfig = Static<Type.TObject<ReturnType<typeof commonKeys>>>

/** The keys that every check has, durations in milliseconds. The type adds others. */
export type CheckConfig = Omit<CommonConfig, 'required'> & {
  readonly type: string
  /** An env check lists its required names under this key. It then counts as required too. */
  readonly required?: boolean | readonly string[]
}

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
            pattern: String.raw`^(dns:[A-Za-z0-9._-]+(:\d{1,5})?|file:/.+)$`,
          }),
          Type.Array(
            Text({
              description: 'a host, or host:port',
              pattern: String.raw`^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$`,
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
        healthy_threshold: whole({
          default: 5,
          description: 'a whole number from 1: all-pass rounds in a row before the first 200',
        }),
      },
      { default: {}, description: 'a mapping: what a host must prove before its first pass' },
    ),
    drain: Mapping(
      {
        wait: Duration({
          default: '20s',
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
    checks: Type.Unsafe<CheckConfig[]>({
      type: 'array',
      description: 'a list of 1 to 500 checks of this host',
      minItems: 1,
      maxItems: 500,
      items: {
        type: 'object',
        discriminator: { propertyName: 'type' },
        required: ['type'],
        oneOf: checkSchemas,
      },
    }),
  },
  { description: 'the configuration of health-sidecar' },
)
