import { Ajv } from 'ajv'

const text = { type: 'string', minLength: 1 }
const sizes = ['Bytes', 'Bits'].flatMap(unit => [
  unit,
  ...['Kilo', 'Mega', 'Giga', 'Tera'].map(prefix => `${prefix}${unit.toLowerCase()}`),
])
const units = [
  'Seconds Microseconds Milliseconds Percent Count Count/Second None'.split(' '),
  sizes,
  sizes.map(size => `${size}/Second`),
].flat()

/** An object of the format has no members but these. */
const strictly = (properties: Readonly<Record<string, object>>, required: readonly string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})

/**
 * The rules of CloudWatch's Embedded Metric Format that a schema can say. From
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * and, for lengths and units, the API's MetricDatum and Dimension.
 */
const schema = {
  type: 'object',
  required: ['_aws'],
  properties: {
    _aws: strictly(
      {
        Timestamp: { type: 'integer', minimum: 0 },
        CloudWatchMetrics: {
          type: 'array',
          minItems: 1,
          items: strictly(
            {
              Namespace: { type: 'string', pattern: '^[A-Za-z0-9._#:/-]{1,255}$', not: { pattern: '^AWS/' } },
              Dimensions: {
                type: 'array',
                minItems: 1,
                items: { type: 'array', maxItems: 30, uniqueItems: true, items: { ...text, maxLength: 250 } },
              },
              Metrics: {
                type: 'array',
                maxItems: 100,
                items: strictly(
                  {
                    Name: { ...text, maxLength: 255 },
                    Unit: { enum: units },
                    StorageResolution: { enum: [1, 60] },
                  },
                  ['Name'],
                ),
              },
            },
            ['Namespace', 'Dimensions', 'Metrics'],
          ),
        },
      },
      ['Timestamp', 'CloudWatchMetrics'],
    ),
  },
}

/** A line of the format, as far as its schema goes. */
export interface EmbeddedMetricLine {
  readonly _aws: {
    readonly Timestamp: number
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string
      readonly Dimensions: readonly (readonly string[])[]
      readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[]
    }[]
  }
  readonly [member: string]: unknown
}

const ajv = new Ajv({ allErrors: true })
const isOfSchema = ajv.compile<EmbeddedMetricLine>(schema)

const isValue = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)

/** A metric's value: a number, or up to 100 of them. */
const isTarget = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 && value.length <= 100 && value.every(isValue) : isValue(value)

const isDimension = (value: unknown): boolean =>
  typeof value === 'string' && /^[\x20-\x7e]{1,1024}$/.test(value) && !value.startsWith(':')

/** What breaks the format in a line; nothing if the line is of the format. */
export const mistakesInEmbeddedMetrics = (line: unknown): readonly string[] => {
  if (!isOfSchema(line)) return [ajv.errorsText(isOfSchema.errors)]
  return line._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) => [
    ...Metrics.filter(({ Name }) => !isTarget(line[Name])).map(({ Name }) => `${Name} is not a number`),
    ...Dimensions.flat()
      .filter(name => !isDimension(line[name]))
      .map(name => `${name} is not a text`),
  ])
}
