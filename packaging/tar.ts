import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Built } from './build.ts'
import { run, text } from './build.ts'
import { layOutInstalledTree } from './installed-tree.ts'
import { fileName } from './targets.ts'

const INSTALLED = '/usr/lib/health-sidecar'

/** The launcher, for a directory that may be anywhere, or be linked to. */
const relocated = (launcher: string): string => {
  const [first = '', ...rest] = launcher.split('\n')
  const here = `lib=$(dirname "$(readlink -f "$0")")/../lib/health-sidecar`
  return [first, here, ...rest].join('\n').replaceAll(new RegExp(`${INSTALLED}(/[\\w.-]+)`, 'g'), '"$$lib$1"')
}

/** Packs files and directories of a folder. The same files make the same bytes, whoever owns them and whenever they were made. */
export const packTar = (
  folder: string,
  {
    names,
    file,
    epoch,
  }: { readonly names: readonly string[]; readonly file: string; readonly epoch: number },
): void => {
  const sameBytes = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', `--mtime=@${epoch}`]
  run('tar', [...sameBytes, '-cf', file, '-C', folder, ...names])
}

/** Makes a tarball of one directory, which runs wherever it is unpacked. Answers its path. */
export const makeTar = async (built: Built): Promise<string> => {
  const { version, epoch, architecture, scratch } = built
  const tree = join(scratch, 'tree')
  await layOutInstalledTree(tree, built)
  const name = `health-sidecar-${version}`
  const top = join(scratch, name)
  await rename(join(tree, 'usr'), top)
  await rename(join(tree, 'etc'), join(top, 'etc'))
  const launcher = join(top, 'bin/health-sidecar')
  await writeFile(launcher, relocated(await text(launcher)))
  const file = join(scratch, fileName('tar', architecture, version))
  const unpacked = join(scratch, 'tarball.tar')
  packTar(scratch, { names: [name], file: unpacked, epoch })
  run('gzip', ['-n', unpacked])
  await rename(`${unpacked}.gz`, file)
  return file
}
