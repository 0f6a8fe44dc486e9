import type { EnvProblem } from './reasons.ts'
import { fileSource } from '../../env-file/file-source.ts'
import { parseEnvFile } from '../../env-file/parse-env-file.ts'
import { createCachedFile } from '../../env-file/cached-file.ts'
import type { EnvConfig } from './config.ts'
import { readEnvSchema } from './env-schema.ts'
import type { Contract } from './flaws.ts'

/** Where the app declares its variables. */
export interface ContractSource {
  /** Reads the contract as it is now, or says why it cannot. Never throws. */
  read(): Promise<Contract | EnvProblem>
}

const unusable = (path: string, message: string): EnvProblem => ({
  status: 'unknown',
  reason: 'ENV_SCHEMA_UNREADABLE',
  message,
  evidence: { path },
})

/** A schema that cannot be used, and why. */
export const unusableSchema = (path: string, why: string): EnvProblem =>
  unusable(path, `${path} is not a usable schema: ${why}`)

const requiredNames = ({ required }: EnvConfig): readonly string[] =>
  Array.isArray(required) ? required : []

/** The contract of a configuration: its `required`, `schema` and `example` combined. */
export const createContract = (config: EnvConfig): ContractSource => {
  const { allow_empty: allowEmpty = [], allow_placeholder: allowPlaceholder = [] } = config
  const example = config.example === undefined ? undefined : fileSource(config.example, 'dotenv')
  const exampleFile =
    example &&
    createCachedFile(example.path, text => [...parseEnvFile(text, example.dialect).variables.keys()])
  const schemaFile = config.schema === undefined ? undefined : createCachedFile(config.schema, readEnvSchema)

  const read = async (): Promise<Contract | EnvProblem> => {
    const [names, schema] = await Promise.all([exampleFile?.read(), schemaFile?.read()])
    if (names && !names.ok) return unusable(example?.path ?? '', names.fault.message)
    if (names?.content.length === 0)
      return unusable(
        example?.path ?? '',
        `${example?.path} declares no variable; add some, or remove the key example`,
      )
    if (schema && !schema.ok) return unusable(config.schema ?? '', schema.fault.message)
    if (schema && !schema.content.ok) return unusableSchema(config.schema ?? '', schema.content.message)
    return {
      required: [...new Set([...requiredNames(config), ...(names?.content ?? [])])],
      ...(schema?.content.ok && { schema: schema.content }),
      allowEmpty,
      allowPlaceholder,
    }
  }
  return { read }
}
