import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { codeOf } from '../lib/describe-error.ts'
import { discoverVariables, environmentSchema } from './discover-variables.ts'
import type { SourceText } from './discover-variables.ts'
import { exitCode } from './exit-code.ts'
import { forMachines } from './outcome.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const sourceFile = /\.(?:py|[cm]?[jt]sx?|rb|erb|rake|ru)$/
/** Folders with dependencies, build output or tests. */
const foreign = /^(?:\..*|node_modules|site-packages|__pycache__|venv|env|vendor|dist|build|tests?|spec)$/
const MAX_FILE_BYTES = 1024 * 1024

const sourcesIn = async (dir: string, root: string): Promise<SourceText[]> => {
  const entries = await readdir(dir, { withFileTypes: true })
  const sources: SourceText[] = []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(dir, entry.name)
    if (entry.isDirectory() && !foreign.test(entry.name)) sources.push(...(await sourcesIn(path, root)))
    if (!entry.isFile() || !sourceFile.test(entry.name)) continue
    if ((await stat(path)).size > MAX_FILE_BYTES) continue
    sources.push({ path: relative(root, path), text: await readFile(path, 'utf8') })
  }
  return sources
}

/**
 * `health-sidecar env discover DIR`: prints a JSON Schema of the variables that the source files of a folder read, as a
 * draft for their author. Throws a UsageError if the folder cannot be read, or if its files read no variable.
 */
export const envDiscoverCommand = async (dir: string, terminal: Terminal): Promise<number> => {
  const sources = await sourcesIn(dir, dir).catch((error: unknown) => {
    const code = codeOf(error) ?? 'an unknown error'
    throw new UsageError(`cannot read ${dir} (${code})`, { cause: error })
  })
  const variables = discoverVariables(sources)
  if (variables.length === 0)
    throw new UsageError(`the ${sources.length} source files of ${dir} read no variable`)
  terminal.out(forMachines(environmentSchema(variables)))
  terminal.err(
    `variables: ${variables.length}, source files: ${sources.length}; review the schema before you use it\n`,
  )
  return exitCode.ok
}
