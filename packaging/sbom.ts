import { Enums, Models, Serialize, Spec, SPDX } from '@cyclonedx/cyclonedx-library'
import type { BundledPackage } from './bundled-packages.ts'
import type { LockedPackage } from './lock-file.ts'
import type { Architecture } from './targets.ts'
import { NODE_PACKAGES } from './targets.ts'

/** What the list says besides the packages of the program. */
export interface SbomOptions {
  readonly version: string
  /** The date of the list, in seconds since 1970. */
  readonly epoch: number
  readonly locked: (folder: string) => LockedPackage
  /** Whose Node is along; none if the package has no Node. */
  readonly architecture?: Architecture
}

/** https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md */
const purlOfNpm = (name: string, version: string): string => `pkg:npm/${name.replace('@', '%40')}@${version}`

const licencesOf = (licence: string): Models.LicenseRepository =>
  new Models.LicenseRepository([
    SPDX.isSupportedSpdxId(licence) ? new Models.SpdxLicense(licence) : new Models.LicenseExpression(licence),
  ])

/** The hash of a package's tarball, as npm compares it. */
const hashesOf = ({ integrity }: LockedPackage): Models.HashDictionary => {
  const sha512 = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex')
  return new Models.HashDictionary([[Enums.HashAlgorithm['SHA-512'], sha512]])
}

const library = (bundled: BundledPackage, locked: LockedPackage): Models.Component => {
  const [, group, name = ''] = /^(?:(@.+?)\/)?(.+)@/.exec(bundled.name) ?? []
  const purl = purlOfNpm(bundled.name.slice(0, bundled.name.lastIndexOf('@')), locked.version)
  return new Models.Component(Enums.ComponentType.Library, name, {
    ...(group !== undefined && { group }),
    version: locked.version,
    bomRef: purl,
    purl,
    hashes: hashesOf(locked),
    licenses: licencesOf(bundled.licence),
    copyright: bundled.copyright.join('\n'),
  })
}

/** Node itself. Scanners find its faults by the CPE that the National Vulnerability Database has for it. */
const nodeOf = (architecture: Architecture, locked: SbomOptions['locked']): Models.Component => {
  const name = NODE_PACKAGES[architecture]
  const { version, integrity } = locked(`node_modules/${name}`)
  const purl = purlOfNpm(name, version)
  return new Models.Component(Enums.ComponentType.Platform, 'node', {
    version,
    bomRef: purl,
    purl,
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    hashes: hashesOf({ version, integrity }),
    licenses: new Models.LicenseRepository([
      new Models.NamedLicense('Node.js', { url: `https://github.com/nodejs/node/blob/v${version}/LICENSE` }),
    ]),
  })
}

/**
 * The software bill of materials: every package with code in the program, and Node, in CycloneDX 1.6
 * (https://cyclonedx.org/docs/1.6/json/). The same commit makes the same text.
 */
export const sbomOf = (
  bundled: readonly BundledPackage[],
  { version, epoch, locked, architecture }: SbomOptions,
): string => {
  const purl = `pkg:generic/health-sidecar@${version}`
  const component = new Models.Component(Enums.ComponentType.Application, 'health-sidecar', {
    version,
    bomRef: purl,
    purl,
    licenses: licencesOf('MIT'),
  })
  const components = new Models.ComponentRepository([
    ...bundled.map(each => library(each, locked(each.folder))),
    ...(architecture ? [nodeOf(architecture, locked)] : []),
  ])
  for (const { bomRef } of components) component.dependencies.add(bomRef)
  const metadata = new Models.Metadata({ component, timestamp: new Date(epoch * 1000) })
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6))
  const bom = new Models.Bom({ metadata, components })
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`
}
