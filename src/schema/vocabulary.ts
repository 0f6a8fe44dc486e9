import { Type } from 'typebox'
import type { Static, TProperties, TObject } from 'typebox'

/**
 * The keyword `secret` of the configuration's schemas: errors and `health-sidecar config` never show the value. For `url`
 * they hide only the parts that may be credentials. The keyword `unit` is read by config/convert-units.ts: durations
 * become milliseconds, sizes become bytes.
 */
export type Secret = true | 'url'

interface Options {
  /** What is expected, in the words of an error message. */
  readonly description: string
  /** As written in the file. */
  readonly default?: string
}

/** A duration, written `500ms`, `2s`, `15m`, `1h` or `2d`. Its value is in milliseconds. */
export const Duration = (options: Options) =>
  Type.Unsafe<number>({
    type: 'string',
    pattern: String.raw`^\d+(\.\d+)?(ms|s|m|h|d)$`,
    unit: 'duration',
    ...options,
  })

/** The same, above zero. */
export const PositiveDuration = (options: Options) =>
  Type.Unsafe<number>({
    type: 'string',
    pattern: String.raw`^(?!0+(\.0+)?[a-z])\d+(\.\d+)?(ms|s|m|h|d)$`,
    unit: 'duration',
    ...options,
  })

/** A whole number from 1. */
export const Whole = (options: { readonly default: number; readonly description: string }) =>
  Type.Integer({ minimum: 1, ...options })

/** A size, written `512B`, `64KiB` or `1MiB`. Its value is in bytes. */
export const Size = (options: Options) =>
  Type.Unsafe<number>({ type: 'string', pattern: String.raw`^\d+(B|KiB|MiB|GiB)$`, unit: 'size', ...options })

/** A mapping. An unknown key is an error. */
export const Mapping = <Properties extends TProperties>(
  properties: Properties,
  options: { readonly description?: string; readonly default?: object } = {},
): TObject<Properties> => Type.Object(properties, { additionalProperties: false, ...options })

/** Text that is not empty. */
export const Text = (options: Options & { readonly secret?: Secret; readonly pattern?: string }) =>
  Type.String({ minLength: 1, ...options })

/** Text that a subject must contain, or a /regular expression/, as core/matcher.ts reads it. */
export const MatcherText = (options: { readonly description: string }) =>
  Type.String({ minLength: 1, matcher: true, ...options })

export { Type }
export type { Static }
