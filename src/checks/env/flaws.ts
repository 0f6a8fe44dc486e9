import type { EnvProblem, EnvVariable } from '../../env-file/env-file.ts'
import type { EnvSchema, Violation } from './env-schema.ts'
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

/** What all files together set for the app. */
export interface AppVariables {
  readonly variables: ReadonlyMap<string, EnvVariable>
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

const violationsOf = (
  contract: Contract,
  values: ReadonlyMap<string, string>,
  unknown: readonly string[],
): readonly Violation[] => {
  const violations = contract.schema?.validate(values) ?? []
  const settled = unknown.length === 0 ? violations : violations.filter(({ certain }) => certain)
  return settled.filter(({ name }) => name === undefined || !unknown.includes(name))
}

/** Compares variables with a contract. Pure. */
export const findFlaws = (contract: Contract, app: AppVariables): Flaws => {
  const { variables, problems, complete } = app
  const { required, allowEmpty, allowPlaceholder } = contract
  const mandatory = mandatoryNames(contract)
  const declared = declaredNames(contract)
  const values = new Map<string, string>()
  for (const [name, variable] of variables) if (variable.kind === 'known') values.set(name, variable.value)

  const absent = mandatory.filter(name => !variables.has(name))
  const unknown = [
    ...declared.filter(name => variables.get(name)?.kind === 'unknown'),
    ...(complete ? [] : absent),
  ]
  const blank = declared.filter(name => values.get(name)?.trim() === '')
  const empty = blank.filter(name => mandatory.includes(name) && !allowEmpty.includes(name))
  const placeholder = declared.filter(
    name => isPlaceholder(values.get(name) ?? '') && !allowPlaceholder.includes(name),
  )
  const missing = new Set(complete ? absent.filter(name => required.includes(name)) : [])
  const invalid = new Map<string, string>()
  for (const { line, code, variable } of problems)
    if (code === 'quote-unclosed' && variable !== undefined && declared.includes(variable))
      invalid.set(variable, `a quote opens on line ${line} and never closes`)
  for (const { kind, name, rule } of violationsOf(contract, values, unknown)) {
    if (kind === 'missing' && name !== undefined) missing.add(name)
    else if (name === undefined) invalid.set('', rule)
    else if (
      !empty.includes(name) &&
      !placeholder.includes(name) &&
      !(blank.includes(name) && allowEmpty.includes(name))
    )
      invalid.set(declared.includes(name) ? name : '', rule)
  }
  const notExported = declared.filter(name => {
    const variable = variables.get(name)
    return variable?.kind === 'known' && !variable.exported
  })
  return { missing: [...missing], empty, placeholder, invalid, unknown, notExported }
}
