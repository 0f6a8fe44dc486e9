import type { BundledPackage } from './bundled-packages.ts'

/** Text of a field as Debian's control files hold it: each line indented, an empty one a dot. */
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
 * whole package; without Node's, of one that holds none. What is in the one-file program is told apart by the folders that
 * it was built from.
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
