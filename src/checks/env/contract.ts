import type { EnvProblem } from './reasons.ts'
import { parseEnvFile } from '../../env-file/parse-env-file.ts'
import { watchFile } from '../../env-file/watched-file.ts'
import { fileSource } from './config.ts'
import type { EnvConfig } from './config.ts'
import type { Contract } from './flaws.ts'

/** What the app declares, from wherever it does. */
export interface ContractSource {
  /** The contract as it is now, or why it cannot be known. Never throws. */
  read(): Promise<Contract | EnvProblem>
}

const unusable = (path: string, message: string): EnvProblem => ({
  status: 'unknown',
  reason: 'ENV_SCHEMA_UNREADABLE',
  message,
  evidence: { path },
})

/** What it takes to compile a schema costs a good part of a start, and is loaded where there is one to compile. */
const parseSchema = async (text: string) => (await import('./env-schema.ts')).parseEnvSchema(text)

const requiredNames = ({ required }: EnvConfig): readonly string[] =>
  Array.isArray(required) ? required : []

/** The contract of a configuration: its `required`, its `schema` and its `example` together. */
export const createContract = (config: EnvConfig): ContractSource => {
  const { allow_empty: allowEmpty = [], allow_placeholder: allowPlaceholder = [] } = config
  const example = config.example === undefined ? undefined : fileSource(config.example, 'dotenv')
  const watchedExample =
    example && watchFile(example.path, text => [...parseEnvFile(text, example.dialect).variables.keys()])
  const watchedSchema = config.schema === undefined ? undefined : watchFile(config.schema, parseSchema)

  const read = async (): Promise<Contract | EnvProblem> => {
    const [names, schema] = await Promise.all([watchedExample?.read(), watchedSchema?.read()])
    if (names && !names.ok) return unusable(example?.path ?? '', names.fault.message)
    if (names?.content.length === 0)
      return unusable(
        example?.path ?? '',
        `${example?.path} declares no variable; name some, or leave it out`,
      )
    if (schema && !schema.ok) return unusable(config.schema ?? '', schema.fault.message)
    if (schema && !schema.content.ok)
      return unusable(
        config.schema ?? '',
        `${config.schema} is no schema of an environment: ${schema.content.message}`,
      )
    return {
      required: [...new Set([...requiredNames(config), ...(names?.content ?? [])])],
      ...(schema?.content.ok && { schema: schema.content }),
      allowEmpty,
      allowPlaceholder,
    }
  }
  return { read }
}
