import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The part of esbuild's metafile in use: how many bytes of each source file are in an output. */
export interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >
}

/** A package with code in the program, and the full text of its licence. */
export interface BundledPackage {
  /** name@version */
  readonly name: string
  /** SPDX's name of the licence */
  readonly licence: string
  readonly text: string
  readonly copyright: readonly string[]
  /** Its name in package-lock.json: `node_modules/…` */
  readonly folder: string
}

/** Characters of a source file that its copyright is looked for in. */
const HEAD_LENGTH = 500

const packageFolder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/

/** The packages with code in the bundle, sorted. Throws if one has no licence text. */
export const bundledPackages = async (metafile: Metafile): Promise<readonly BundledPackage[]> => {
  const inputs = Object.values(metafile.outputs).flatMap(output => Object.entries(output.inputs))
  const folders = inputs.flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? (packageFolder.exec(path)?.[0] ?? []) : [],
  )
  const packages = await Promise.all([...new Set(folders)].map(readPackage))
  // several folders may hold the same version
  const byName = new Map(packages.map(each => [each.name, each]))
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

interface PackageJson {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly main?: string
  readonly author?: string | { readonly name: string }
}

const readPackage = async (folder: string): Promise<BundledPackage> => {
  const { name, version, license, author, main }: PackageJson = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  )
  const text = await licenceText(folder, name)
  const inLicence = copyrightLines(text)
  const copyright =
    inLicence.length > 0 || main === undefined ? inLicence : await copyrightIn(join(folder, main))
  const fallback = typeof author === 'string' ? author : author?.name
  return {
    name: `${name}@${version}`,
    licence: license,
    text,
    copyright: copyright.length > 0 ? copyright : [fallback ?? `the authors of ${name}`],
    folder: folder.slice(folder.indexOf('node_modules/')),
  }
}

const licenceText = async (folder: string, name: string): Promise<string> => {
  const files = await readdir(folder)
  const licence = files.find(file => /^(?:licen[cs]e|copying)(?:\.|$)/i.test(file))
  if (licence !== undefined) return readFile(join(folder, licence), 'utf8')
  const readme = files.find(file => /^readme/i.test(file))
  const section = /^#+ licen[cs]e\s+([^]*?Permission is hereby granted[^]*?)(?=^#|(?![^]))/im
  const found = readme && section.exec(await readFile(join(folder, readme), 'utf8'))?.[1]
  if (found) return found
  const own = join(import.meta.dirname, 'licences', `${name}.txt`)
  return readFile(own, 'utf8').catch((error: unknown) => {
    throw new Error(`${name} is bundled, but has no licence text; put the text in ${own}`, { cause: error })
  })
}

/** The copyright holders that the head of a source file names. */
const copyrightIn = async (file: string): Promise<readonly string[]> =>
  copyrightLines((await readFile(file, 'utf8').catch(() => '')).slice(0, HEAD_LENGTH))

/** The copyright holders that a licence's text names. Apache's has sentences about copyright, and a form to fill in. */
const copyrightLines = (text: string): readonly string[] =>
  Array.from(
    text.matchAll(/^[ \t/*]*copyright (?!notice|holder|license|owner|\[)(?:\(c\) |© )?(.+?)[ \t]*$/gim),
    ([, holder = '']) => holder,
  )
