import type { Dialect } from './dialect.ts'
import type { EnvFile } from './env-file.ts'
import { parseEnvFile } from './parse-env-file.ts'
import { readText } from './read-text.ts'
import type { FileFault } from './read-text.ts'
import type { FileStamp } from '../files/stamp.ts'

export type EnvFileAnswer =
  | { readonly ok: true; readonly file: EnvFile; readonly stamp: FileStamp }
  | { readonly ok: false; readonly fault: FileFault }

/** Reads and parses an environment file. Never throws: a file that cannot be read is a fault. */
export const readEnvFile = async (path: string, dialect: Dialect): Promise<EnvFileAnswer> => {
  const answer = await readText(path)
  return answer.ok ? { ok: true, file: parseEnvFile(answer.text, dialect), stamp: answer.stamp } : answer
}
