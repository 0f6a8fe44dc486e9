import type { FileSource } from './file-source.ts'
import { mergeFiles } from './merge-files.ts'
import type { SourceFile } from './merge-files.ts'
import { readEnvFile } from './read-env-file.ts'
import type { FileFault } from './read-text.ts'

/** The value, which must never be shown, or why there is none. */
export type VariableAnswer =
  | { readonly ok: true; readonly value: string }
  | {
      readonly ok: false
      readonly code: FileFault['code'] | 'not-set' | 'empty' | 'not-known'
      /** A sentence that names the file and the variable. */
      readonly message: string
    }

/** Environment files, read once, as the app receives them together. */
export interface Variables {
  /** One variable by its name. */
  get(name: string): VariableAnswer
}

/** The paths of several files, in words for a message. */
export const namesOfFiles = (sources: readonly FileSource[]): string =>
  sources.map(({ path }) => path).join(' and ')

/** Why the files lose the assignment of a name, if one of them does. */
const causeOf = (read: readonly SourceFile[], name: string): string => {
  for (const { path, file } of read) {
    const cause = file.problems.find(({ variable, lost }) => variable === name || lost === 'file')
    if (cause) return `: ${read.length > 1 ? `${path}, ` : ''}line ${cause.line}: ${cause.message}`
  }
  return ''
}

/**
 * Reads environment files, of which a later one overrides an earlier one. A file that cannot be read is the answer for
 * every name, as it may set any. Never throws.
 */
export const readVariables = async (sources: readonly FileSource[]): Promise<Variables> => {
  const read: SourceFile[] = []
  for (const { path, dialect, optional } of sources) {
    const answer = await readEnvFile(path, dialect)
    if (answer.ok) read.push({ path, file: answer.file })
    else if (!(optional && answer.fault.code === 'missing'))
      return { get: () => ({ ok: false, ...answer.fault }) }
  }
  const merged = mergeFiles(read)
  const open = read.find(({ file }) => file.openFrom)

  const get = (name: string): VariableAnswer => {
    const found = merged.get(name)
    const files = namesOfFiles(sources)
    const at = read.findLast(({ file }) => file.variables.has(name))?.path ?? files
    if (found?.kind === 'unknown')
      return {
        ok: false,
        code: 'not-known',
        message: `${at} sets ${name} on line ${found.line}, but ${found.why}`,
      }
    if (!found && open)
      return {
        ok: false,
        code: 'not-known',
        message: `${open.path} may set ${name}, but ${open.file.openFrom?.why}`,
      }
    if (!found)
      return { ok: false, code: 'not-set', message: `${files} does not set ${name}${causeOf(read, name)}` }
    if (found.value.trim() === '')
      return { ok: false, code: 'empty', message: `${at} leaves ${name} empty on line ${found.line}` }
    return { ok: true, value: found.value }
  }
  return { get }
}
