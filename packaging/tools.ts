import { spawnSync } from 'node:child_process'
import type { Architecture, Asked, Format } from './targets.ts'
import { NATIVE } from './targets.ts'

/** A program that a build runs, with the package of it in Debian and in Fedora. */
export interface Tool {
  readonly program: string
  readonly debian: string
  readonly fedora: string
}

const tool = (program: string, debian: string, fedora = debian): Tool => ({ program, debian, fedora })

/** Node's binary is stripped of its symbols. For another architecture, that needs a program of its own. */
const STRIP: Readonly<Record<Architecture, Tool>> = {
  amd64: tool('x86_64-linux-gnu-strip', 'binutils-x86-64-linux-gnu', 'binutils-x86_64-linux-gnu'),
  arm64: tool('aarch64-linux-gnu-strip', 'binutils-aarch64-linux-gnu'),
}

/** The program that strips a binary for an architecture. */
export const stripOf = (architecture: Architecture): Tool =>
  architecture === NATIVE ? tool('strip', 'binutils') : STRIP[architecture]

const OF_EVERY_BUILD = [tool('npm', 'npm', 'nodejs-npm'), tool('tar', 'tar'), tool('gzip', 'gzip')]

const OF_IMAGE = [tool('buildah', 'buildah')]

const OF_FORMAT: Readonly<Record<Format, readonly Tool[]>> = {
  deb: [tool('dpkg-buildpackage', 'dpkg-dev'), tool('dh', 'debhelper')],
  rpm: [tool('rpmbuild', 'rpm', 'rpm-build')],
  tar: [],
}

const GIT = tool('git', 'git')

/** What a build runs. Date and revision are the commit's, unless the environment gives them. */
export const toolsOf = (
  { formats, image, architectures }: Asked,
  env: NodeJS.ProcessEnv,
): readonly Tool[] => [
  ...OF_EVERY_BUILD,
  ...(env['SOURCE_DATE_EPOCH'] === undefined || (image && env['SOURCE_REVISION'] === undefined) ? [GIT] : []),
  ...architectures.map(stripOf),
  ...(image ? OF_IMAGE : []),
  ...formats.flatMap(format => OF_FORMAT[format]),
]

const isMissing = ({ program }: Tool): boolean =>
  spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' }).status !== 0

/** Says which of these programs are missing, and what to install. Undefined if none is. */
export const complaintOfMissing = (tools: readonly Tool[]): string | undefined => {
  const missing = tools.filter(isMissing)
  if (missing.length === 0) return undefined
  const names = (key: keyof Tool): string => missing.map(each => each[key]).join(' ')
  return `these programs are missing: ${names('program')}
On Debian or Ubuntu:  apt install ${names('debian')}
On Fedora or RHEL:    dnf install ${names('fedora')}`
}
