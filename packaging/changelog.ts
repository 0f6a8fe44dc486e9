const WIDTH = 78

const wrapped = (line: string): string => {
  const lines = ['  *']
  for (const word of line.split(' ')) {
    if (`${lines.at(-1)} ${word}`.length > WIDTH) lines.push('   ')
    lines.push(`${lines.pop()} ${word}`)
  }
  return lines.join('\n')
}

/** Debian's changelog of one version, made from its section of CHANGELOG.md. Throws if there is no such section. */
export const debianChangelog = (
  changelog: string,
  {
    version,
    maintainer,
    epoch,
  }: { readonly version: string; readonly maintainer: string; readonly epoch: number },
): string => {
  const section = changelog.split(/^## /m).find(part => part.startsWith(`${version} `))
  const lines = section?.match(/(?<=^- ).+$/gm)
  if (!lines) throw new Error(`CHANGELOG.md has no section for ${version}; add one`)
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')
  return `health-sidecar (${version}) unstable; urgency=medium\n\n${lines.map(wrapped).join('\n')}\n\n -- ${maintainer}  ${date}\n`
}
