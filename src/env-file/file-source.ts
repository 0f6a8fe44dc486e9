import { Mapping, Text, Type } from '../schema/vocabulary.ts'
import type { Static } from '../schema/vocabulary.ts'
import type { Dialect } from './dialect.ts'
import { Format } from './format.ts'

/** An environment file in the configuration. */
export const EnvFilePath = Type.Union(
  [
    Text({ description: 'path of an environment file' }),
    Mapping({
      path: Text({ description: 'path of an environment file' }),
      format: Type.Optional(Format),
      optional: Type.Optional(Type.Boolean({ description: 'whether the file may be absent' })),
    }),
  ],
  { description: 'a path, or { path, format, optional }' },
)

/** One file of the configuration, with its defaults. */
export interface FileSource {
  readonly path: string
  readonly dialect: Dialect
  readonly optional: boolean
}

/** Fills in the defaults of a file of the configuration. */
export const fileSource = (
  file: Static<typeof EnvFilePath> | { readonly path: string; readonly format?: Dialect },
  fallback: Dialect,
): FileSource => {
  if (typeof file === 'string') return { path: file, dialect: fallback, optional: false }
  const optional = 'optional' in file && (file.optional ?? false)
  return { path: file.path, dialect: file.format ?? fallback, optional }
}
