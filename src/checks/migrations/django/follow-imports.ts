import { dirname, join } from 'node:path'
import { neededKey } from './module-source.ts'
import type { KnownModules, NeededModule } from './module-source.ts'
import { readReplaces } from './read-replaces.ts'
import type { Reading } from './read-replaces.ts'

/** Reads a file; undefined if there is none. Rejects with the system's error. */
export type ReadIfThere = (path: string) => Promise<Buffer | undefined>

/** More imports than any migration needs. */
const MAX_MODULES = 20
/** How many directories above a migration may hold the modules of its project. */
const MAX_PARENTS = 12

/** Reads a source together with the modules that it needs, as far as they can be found beside and above it. */
export const readFollowingImports = async (
  source: Buffer,
  { path, readIfThere }: { readonly path: string; readonly readIfThere: ReadIfThere },
): Promise<Reading> => {
  const known: Map<string, { readonly path: string; readonly source: Buffer } | null> = new Map()
  for (;;) {
    const reading = readReplaces(source, { path, known: known satisfies KnownModules })
    if (reading.ok || reading.needs === undefined || known.size === MAX_MODULES) return reading
    known.set(neededKey(reading.needs), await find(reading.needs, readIfThere))
  }
}

const find = async (
  needed: NeededModule,
  readIfThere: ReadIfThere,
): Promise<{ readonly path: string; readonly source: Buffer } | null> => {
  for (const path of await candidates(needed, readIfThere)) {
    const source = await readIfThere(path)
    if (source) return { path, source }
  }
  return null
}

/** The files that may be the module, the likeliest first. */
const candidates = async (
  { from, module: { level, path } }: NeededModule,
  readIfThere: ReadIfThere,
): Promise<readonly string[]> => {
  const parts = path === '' ? [] : path.split('.')
  const filesIn = (directory: string): readonly string[] => {
    const module = join(directory, ...parts)
    // Python prefers a package
    return parts.length === 0 ? [join(module, '__init__.py')] : [join(module, '__init__.py'), `${module}.py`]
  }
  const package_ = dirname(from)
  if (level > 0) return filesIn(join(package_, ...Array.from({ length: level - 1 }, () => '..')))
  // an absolute import begins above the topmost package
  let root = package_
  for (let i = 0; i < MAX_PARENTS && (await readIfThere(join(root, '__init__.py'))); i++) root = dirname(root)
  return filesIn(root)
}
