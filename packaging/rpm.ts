import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Built } from './build.ts'
import { maintainer, run, text } from './build.ts'
import type { BundledPackage } from './bundled-packages.ts'
import { rpmChangelog } from './changelog.ts'
import { layOutInstalledTree } from './installed-tree.ts'
import { fileName, RPM_ARCHITECTURES } from './targets.ts'

/** SPDX's expression for the licences of all that is in the package. */
const licences = (bundled: readonly BundledPackage[]): string =>
  [...new Set(['MIT', ...bundled.map(each => each.licence)])].sort().join(' AND ')

/** Lays out the files, and makes a package of them. Answers its path. */
export const makeRpm = async (built: Built): Promise<string> => {
  const { version, epoch } = built
  const tree = join(built.scratch, 'tree')
  await layOutInstalledTree(tree, built)
  const entry = { version, epoch, maintainer: await maintainer() }
  return rpmOfTree(tree, { ...built, changelog: rpmChangelog(await text('CHANGELOG.md'), entry) })
}

/** Runs rpmbuild over files that are laid out as on a host. The same files make the same bytes. Answers the package's path. */
export const rpmOfTree = async (
  tree: string,
  {
    version,
    epoch,
    architecture,
    bundled,
    changelog,
    scratch,
  }: Omit<Built, 'program' | 'node' | 'licence' | 'nodeLicence' | 'sbom'> & {
    /** The newest entry, in RPM's form. */
    readonly changelog: string
  },
): Promise<string> => {
  const spec = join(scratch, 'health-sidecar.spec')
  await writeFile(spec, `${await text('packaging/rpm/health-sidecar.spec')}\n%changelog\n${changelog}`)
  const file = fileName('rpm', architecture, version)
  const defined = {
    version,
    licences: licences(bundled),
    tree,
    sysusers_line: /^u .+$/m.exec(await text('systemd/sysusers.d/health-sidecar.conf'))?.[0] ?? '',
    _topdir: scratch,
    _rpmdir: scratch,
    _rpmfilename: file,
    // the same bytes on every machine
    _buildhost: 'localhost',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
  }
  const defines = Object.entries(defined).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  const target = `${RPM_ARCHITECTURES[architecture]}-linux`
  run('rpmbuild', ['-bb', '--quiet', '--target', target, ...defines, spec], { epoch })
  return join(scratch, file)
}
