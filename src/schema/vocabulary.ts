import { Type } from 'typebox'
import type { Static, TProperties, TObject } from 'typebox'

/**
 * The vocabulary that the schemas of the configuration share. The keyword `unit` is read by config/convert-units.ts, which
 * turns the text of a duration into milliseconds and that of a size into bytes; `secret` keeps a value, or of a `url` what
 * it may hold of credentials, out of every error and out of `health-sidecar config`.
 */
export type Secret = true | 'url'

interface Options {
  /** What is expected there, as an error says it. */
  readonly description: string
  /** As the file would write it. */
  readonly default?: string
}

/** A duration, written `500ms`, `2s`, `15m`, `1h` or `2d`; arrives as milliseconds. */
export const Duration = (options: Options) =>
  Type.Unsafe<number>({
    type: 'string',
    pattern: String.raw`^\d+(\.\d+)?(ms|s|m|h|d)$`,
    unit: 'duration',
    ...options,
  })

/** A size, written `512B`, `64KiB` or `1MiB`; arrives as bytes. */
export const Size = (options: Options) =>
  Type.Unsafe<number>({ type: 'string', pattern: String.raw`^\d+(B|KiB|MiB|GiB)$`, unit: 'size', ...options })

/** A mapping in which a key that is not listed is an error. */
export const Mapping = <Properties extends TProperties>(
  properties: Properties,
  options: { readonly description?: string; readonly default?: object } = {},
): TObject<Properties> => Type.Object(properties, { additionalProperties: false, ...options })

/** Text that must not be empty. */
export const Text = (options: Options & { readonly secret?: Secret; readonly pattern?: string }) =>
  Type.String({ minLength: 1, ...options })

/** Text that must be found in something, or a /regular expression/: what core/matcher.ts reads. */
export const MatcherText = (options: { readonly description: string }) =>
  Type.String({ minLength: 1, matcher: true, ...options })

export { Type }
export type { Static }
