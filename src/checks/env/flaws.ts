import type { EnvProblem, EnvVariable } from '../../env-file/env-file.ts'
import type { EnvSchema } from './env-schema.ts'
import type { Violation } from './find-violations.ts'
import { isPlaceholder } from './placeholder.ts'

/** What the app requires of its variables. */
export interface Contract {
  readonly required: readonly string[]
  readonly schema?: EnvSchema
  /** Names whose value may be empty, or look like a placeholder. */
  readonly allowEmpty: readonly string[]
  readonly allowPlaceholder: readonly string[]
}

/** Names that must be set. */
export const mandatoryNames = ({ required, schema }: Contract): readonly string[] => [
  ...new Set([...required, ...(schema?.required ?? [])]),
]

/** Names that the app declares. Only these may be shown. */
export const declaredNames = (contract: Contract): readonly string[] => [
  ...new Set([...mandatoryNames(contract), ...(contract.schema?.names ?? [])]),
]

/** The values of the variables that are known. */
export const knownValues = (variables: ReadonlyMap<string, EnvVariable>): ReadonlyMap<string, string> => {
  const values = new Map<string, string>()
  for (const [name, variable] of variables) if (variable.kind === 'known') values.set(name, variable.value)
  return values
}

/** What all files together set for the app. */
export interface AppVariables {
  readonly variables: ReadonlyMap<string, EnvVariable>
  /** Of the contract's schema. */
  readonly violations: readonly Violation[]
  readonly problems: readonly EnvProblem[]
  /** Whether the files can set no other names. */
  readonly complete: boolean
}

/** What is wrong with the app's variables, by name. */
export interface Flaws {
  readonly missing: readonly string[]
  readonly empty: readonly string[]
  readonly placeholder: readonly string[]
  /** The broken rule by name. The empty name is for a rule about all variables together. */
  readonly invalid: ReadonlyMap<string, string>
  readonly unknown: readonly string[]
  readonly notExported: readonly string[]
}

const settled = (violations: readonly Violation[], unknown: ReadonlySet<string>): readonly Violation[] =>
  violations.filter(
    ({ name, certain }) => (certain || unknown.size === 0) && (name === undefined || !unknown.has(name)),
  )

/** Compares variables with a contract. Pure. */
export const findFlaws = (contract: Contract, app: AppVariables): Flaws => {
  const { variables, violations, problems, complete } = app
  const required = new Set(contract.required)
  const allowEmpty = new Set(contract.allowEmpty)
  const allowPlaceholder = new Set(contract.allowPlaceholder)
  const mandatory = new Set(mandatoryNames(contract))
  const declared = declaredNames(contract)
  const isDeclared = new Set(declared)
  const values = knownValues(variables)

  const absent = [...mandatory].filter(name => !variables.has(name))
  const unknown = [
    ...declared.filter(name => variables.get(name)?.kind === 'unknown'),
    ...(complete ? [] : absent),
  ]
  const blank = declared.filter(name => values.get(name)?.trim() === '')
  const empty = blank.filter(name => mandatory.has(name) && !allowEmpty.has(name))
  const placeholder = declared.filter(
    name => isPlaceholder(values.get(name) ?? '') && !allowPlaceholder.has(name),
  )
  const missing = new Set(complete ? absent.filter(name => required.has(name)) : [])
  const invalid = new Map<string, string>()
  for (const { line, code, variable } of problems)
    if (code === 'quote-unclosed' && variable !== undefined && isDeclared.has(variable))
      invalid.set(variable, `a quote opens on line ${line} and never closes`)
  const isTold = new Set([...empty, ...placeholder, ...blank.filter(name => allowEmpty.has(name))])
  for (const { kind, name, rule } of settled(violations, new Set(unknown))) {
    if (kind === 'missing' && name !== undefined) missing.add(name)
    else if (name === undefined) invalid.set('', rule)
    else if (!isTold.has(name)) invalid.set(isDeclared.has(name) ? name : '', rule)
  }
  const notExported = declared.filter(name => {
    const variable = variables.get(name)
    return variable?.kind === 'known' && !variable.exported
  })
  return { missing: [...missing], empty, placeholder, invalid, unknown, notExported }
}
