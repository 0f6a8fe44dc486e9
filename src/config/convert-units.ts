import { configSchema } from './schema.ts'
import { parseDuration, parseSize } from './units.ts'
import { isMapping } from '../lib/json.ts'
import { memberSchema, walkSchema } from './walk-schema.ts'
import type { SchemaNode } from './walk-schema.ts'

const unitOf = (schema: SchemaNode | undefined): string | undefined =>
  schema?.unit ?? schema?.anyOf?.map((alternative: SchemaNode) => alternative.unit).find(Boolean)

/** Converts durations of a valid configuration to milliseconds and sizes to bytes, in place. */
export const convertUnits = (value: unknown): void =>
  walkSchema(value, configSchema, (mapping, schema) => {
    if (!isMapping(mapping) || !schema) return
    for (const [key, text] of Object.entries(mapping)) {
      const unit = unitOf(memberSchema(schema, key))
      if (unit === undefined || typeof text !== 'string') continue
      mapping[key] = (unit === 'duration' ? parseDuration(text) : parseSize(text)) ?? text
    }
  })
