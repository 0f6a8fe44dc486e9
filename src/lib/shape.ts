import { isMapping } from './json.ts'

// What a JSON value of somebody else must look like, so that it can be shown: tests that are put together.

export type Shape = (value: unknown) => boolean

export const isText: Shape = value => typeof value === 'string'
export const isNumber: Shape = value => typeof value === 'number' && Number.isFinite(value)
export const isBoolean: Shape = value => typeof value === 'boolean'

export const isOneOf =
  (...words: readonly unknown[]): Shape =>
  value =>
    words.includes(value)

export const isListOf =
  (shape: Shape): Shape =>
  value =>
    Array.isArray(value) && value.every(shape)

export const optional =
  (shape: Shape): Shape =>
  value =>
    value === undefined || shape(value)

/** A mapping whose members of these names are so, whatever others it has. */
export const has =
  (members: Readonly<Record<string, Shape>>): Shape =>
  value =>
    isMapping(value) && Object.entries(members).every(([name, shape]) => shape(value[name]))

/** A mapping all of whose members are so; those of these names are so instead. */
export const isMappingOf =
  (shape: Shape, members: Readonly<Record<string, Shape>> = {}): Shape =>
  value =>
    isMapping(value) &&
    has(members)(value) &&
    Object.entries(value).every(([name, member]) => Object.hasOwn(members, name) || shape(member))
