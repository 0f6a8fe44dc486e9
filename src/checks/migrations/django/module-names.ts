import { isBefore } from './django-version.ts'

/** A module that Python finds in a directory. */
export interface Module {
  readonly name: string
  /** The file that Python imports. An extension wins over source, and source over bytecode. */
  readonly file: string
  readonly form: 'extension' | 'source' | 'bytecode'
}

const PRECEDENCE = { extension: 0, source: 1, bytecode: 2 }

/** The form that a suffix stands for. An extension's tag names its Python version; any version counts. */
const formOf = (suffix: string): Module['form'] | undefined => {
  if (suffix === '.py') return 'source'
  if (suffix === '.pyc') return 'bytecode'
  return /^(\.abi3|\.cpython-[^.]+|\.pypy[^.]+)?\.so$/.test(suffix) ? 'extension' : undefined
}

/**
 * The modules that `pkgutil.iter_modules` finds among a directory's file names. `packages` are the subdirectories that
 * are packages; each hides the module of the same name. A module's name has no dot, so the first dot begins the suffix.
 */
const modulesIn = (files: readonly string[], packages: ReadonlySet<string>): Module[] => {
  const modules = new Map<string, Module>()
  for (const file of files) {
    const dot = file.indexOf('.')
    const form = dot > 0 ? formOf(file.slice(dot)) : undefined
    if (form === undefined) continue
    const name = file.slice(0, dot)
    if (packages.has(name)) continue
    const other = modules.get(name)
    if (!other || PRECEDENCE[form] < PRECEDENCE[other.form]) modules.set(name, { name, file, form })
  }
  return [...modules.values()]
}

/** Whether a directory with these files is a package. Without `__init__` it is a namespace, which Django ignores. */
export const isPackage = (files: readonly string[]): boolean =>
  files.some(file => file.startsWith('__init__.') && formOf(file.slice('__init__'.length)) !== undefined)

/** Whether a subdirectory of this name could be a package that hides a module. */
export const mayBePackage = (name: string): boolean => !name.includes('.') && !/^[_~]/.test(name)

/** The migrations among a directory's file names, as Django 2.1 and later finds them (`MigrationLoader.load_disk`). */
export const migrationModules = (files: readonly string[], packages: ReadonlySet<string>): Module[] =>
  modulesIn(files, packages).filter(({ name }) => !/^[_~]/.test(name))

/** The same for Django before 2.1: only source counts, and no package hides it. */
export const migrationModulesBefore21 = (files: readonly string[]): Module[] =>
  files
    .filter(file => /^[^_.~].*\.py$/s.test(file))
    .map(file => ({ name: file.slice(0, -'.py'.length), file, form: 'source' }))

/** The names of an app's migrations in the directories of its package. `version` is Django's, such as `3.2.25`. */
export const migrationNames = (
  directories: readonly { readonly files: readonly string[]; readonly packages: ReadonlySet<string> }[],
  version: string,
): ReadonlySet<string> => {
  const [first] = directories
  if (isBefore(version, [2, 1])) return namesOf(first ? migrationModulesBefore21(first.files) : [])
  const names = new Set<string>()
  const hidden = new Set<string>()
  for (const { files, packages } of directories) {
    for (const { name } of migrationModules(files, packages)) if (!hidden.has(name)) names.add(name)
    for (const name of packages) hidden.add(name)
  }
  return names
}

const namesOf = (modules: readonly Module[]): ReadonlySet<string> => new Set(modules.map(({ name }) => name))
