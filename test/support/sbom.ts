import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import type { Metafile } from '../../packaging/bundled-packages.ts'
import type { ScratchDirectory } from './scratch-directory.ts'

/** Bundles the program, and answers what esbuild says of it. */
export const bundleProgram = (scratch: ScratchDirectory): Metafile => {
  const file = join(scratch.path, 'bundled.js')
  execFileSync(process.execPath, ['build.ts', file], { stdio: 'ignore' })
  return JSON.parse(readFileSync(`${file}.meta.json`, 'utf8'))
}

/** Name and version of each package with code in a bundle, found apart from what makes the list. */
export const packagesIn = ({ outputs }: Metafile): readonly string[] => {
  const files = Object.values(outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter(file => file.includes('node_modules/') && inputs[file]?.bytesInOutput !== 0),
  )
  const manifests = files.map(file => {
    const parts = file.split('/')
    const at = parts.lastIndexOf('node_modules') + 1
    return [...parts.slice(0, at + (parts[at]?.startsWith('@') ? 2 : 1)), 'package.json'].join('/')
  })
  const names = manifests.map(path => {
    const { name, version } = JSON.parse(readFileSync(path, 'utf8'))
    return `${name}@${version}`
  })
  return [...new Set(names)].sort()
}

export interface ListedPart {
  readonly type: string
  readonly group?: string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly cpe?: string
  readonly licenses: readonly unknown[]
  readonly hashes: readonly { readonly alg: string; readonly content: string }[]
}

/** The parts that an SBOM lists. */
export const partsOf = (sbom: string): readonly ListedPart[] => JSON.parse(sbom).components

/** Name and version of each npm package that an SBOM lists. */
export const librariesOf = (sbom: string): readonly string[] =>
  partsOf(sbom)
    .filter(({ type }) => type === 'library')
    .map(({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name}@${version}`)
    .sort()

/** The purl of each Node that an SBOM lists. */
export const nodesOf = (sbom: string): readonly string[] =>
  partsOf(sbom)
    .filter(({ type }) => type === 'platform')
    .map(({ purl }) => purl)

/** What CycloneDX's own JSON Schema finds wrong; null if nothing. */
export const faultsOf = (sbom: string) =>
  new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(sbom)
