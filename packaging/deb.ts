import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Built } from './build.ts'
import { copyAll, maintainer, run, text } from './build.ts'
import { debianChangelog } from './changelog.ts'
import { copyrightFile } from './copyright.ts'
import { fileName } from './targets.ts'

/** Lays out the sources for packaging/debian, and runs dpkg-buildpackage. Answers the package's path. */
export const makeDeb = async (built: Built): Promise<string> => {
  const { version, epoch, architecture, scratch } = built
  const source = join(scratch, 'source')
  await copyAll(
    [
      ['packaging/debian', 'debian'],
      ['config', 'config'],
      ['packaging/completion', 'packaging/completion'],
      ['packaging/man', 'packaging/man'],
      ['systemd/health-sidecar.service', 'debian/health-sidecar.service'],
      ['systemd/health-sidecar.socket', 'debian/health-sidecar.socket'],
      ['systemd/health-sidecar@.service', 'debian/health-sidecar@.service'],
      ['systemd/health-sidecar@.socket', 'debian/health-sidecar@.socket'],
      ['systemd/sysusers.d/health-sidecar.conf', 'debian/health-sidecar.sysusers'],
      ['config/logrotate/health-sidecar', 'debian/health-sidecar.logrotate'],
      ['systemd/examples', 'config/systemd'],
      ['systemd/README.md', 'config/systemd/README.md'],
      ['README.md', 'README.md'],
      ['docs', 'docs'],
      ['packaging/launcher', 'health-sidecar'],
      ['packaging/after-upgrade', 'after-upgrade'],
      ['packaging/compile.cjs', 'compile.cjs'],
      ['packaging/compiled.cjs', 'compiled.cjs'],
      [built.program, 'health-sidecar.js'],
      [built.node, 'node'],
    ],
    source,
  )
  const entry = { version, epoch, maintainer: await maintainer() }
  const changelog = debianChangelog(await text('CHANGELOG.md'), entry)
  await writeFile(join(source, 'debian/changelog'), changelog)
  await writeFile(join(source, 'debian/copyright'), copyrightFile(built.bundled, built))
  await writeFile(join(source, 'sbom.cdx.json'), built.sbom)
  // -d: nothing is compiled, so no compiler for the other architecture is needed
  const options = ['-b', '-us', '-uc', '-d', '--host-arch', architecture]
  run('dpkg-buildpackage', options, { cwd: source, epoch })
  return join(scratch, fileName('deb', architecture, version))
}
