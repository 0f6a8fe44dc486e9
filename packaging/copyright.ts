import type { BundledPackage } from './bundled-packages.ts'

/** Formats a text for a field of Debian's control files: each line indented, a dot for each empty one. */
const indented = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map(line => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))
    .join('\n')

const stanza = (files: string, copyright: readonly string[], licence: string, text: string): string =>
  [`Files: ${files}`, `Copyright: ${copyright.join('\n  ')}`, `License: ${licence}`, indented(text)].join(
    '\n',
  )

/**
 * Debian's machine-readable copyright file (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/) of the
 * whole package. Leave out `nodeLicence` for a package without Node. The one file of the program is made from several
 * packages: each has an entry by the folder that it came from.
 */
export const copyrightFile = (
  bundled: readonly BundledPackage[],
  { licence, nodeLicence }: { readonly licence: string; readonly nodeLicence?: string },
): string =>
  `${[
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: health-sidecar',
    stanza('*', ['2026 The health-sidecar authors'], 'MIT', licence),
    ...(nodeLicence === undefined
      ? []
      : [stanza('usr/lib/health-sidecar/node', ['Node.js contributors'], 'Node.js', nodeLicence)]),
    ...bundled.map(each => stanza(`node_modules/${each.name}/*`, each.copyright, each.licence, each.text)),
  ].join('\n\n')}\n`
