const WIDTH = 78

const wrapped = (line: string): string => {
  const lines = ['  *']
  for (const word of line.split(' ')) {
    if (`${lines.at(-1)} ${word}`.length > WIDTH) lines.push('   ')
    lines.push(`${lines.pop()} ${word}`)
  }
  return lines.join('\n')
}

/** The changes of one version, a line each. Throws if CHANGELOG.md has no section for it. */
export const changesOf = (changelog: string, version: string): readonly string[] => {
  const section = changelog.split(/^## /m).find(part => part.startsWith(`${version} `))
  const lines = section?.match(/(?<=^- ).+$/gm)
  if (!lines) throw new Error(`CHANGELOG.md has no section for ${version}; add one`)
  return lines
}

/** What a package's changelog says of its version. */
export interface Entry {
  readonly version: string
  /** Name and address. */
  readonly maintainer: string
  /** In seconds since 1970. */
  readonly epoch: number
}

/** The changelog of an RPM, made from a version's section of CHANGELOG.md. Throws if there is no such section. */
export const rpmChangelog = (changelog: string, { version, maintainer, epoch }: Entry): string => {
  const [weekday = '', day, month, year] = new Date(epoch * 1000).toUTCString().split(/,? /)
  // rpm reads a % as the beginning of a macro
  const lines = changesOf(changelog, version).map(line => `- ${line.replaceAll('%', '%%')}`)
  return `* ${weekday} ${month} ${day} ${year} ${maintainer} - ${version}-1\n${lines.join('\n')}\n`
}

/** Debian's changelog of one version, made from its section of CHANGELOG.md. Throws if there is no such section. */
export const debianChangelog = (changelog: string, { version, maintainer, epoch }: Entry): string => {
  const lines = changesOf(changelog, version)
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')
  return `health-sidecar (${version}) unstable; urgency=medium\n\n${lines.map(wrapped).join('\n')}\n\n -- ${maintainer}  ${date}\n`
}
