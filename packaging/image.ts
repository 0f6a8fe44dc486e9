import { spawnSync } from 'node:child_process'
import { cp, mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { run } from './build.ts'
import { packTar } from './tar.ts'
import type { Architecture } from './targets.ts'
import { imageName } from './targets.ts'
import { UnavailableError } from './unavailable.ts'

export interface ImageParts {
  readonly version: string
  /** The date of every file, in seconds since 1970. */
  readonly epoch: number
  /** The commit. */
  readonly revision: string
  /** The address of the repository, if it has one. */
  readonly source?: string | undefined
  /** The base image; otherwise the Dockerfile's. */
  readonly base?: string | undefined
  /** The tarball of each architecture. */
  readonly tarballs: ReadonlyMap<Architecture, string>
  /** An empty directory. buildah's store is in it, so nothing stays behind. */
  readonly scratch: string
}

/** The labels that the Dockerfile cannot know (https://specs.opencontainers.org/image-spec/annotations/). */
const labelsOf = ({ epoch, revision, source }: ImageParts): readonly string[] =>
  Object.entries({ revision, source, created: new Date(epoch * 1000).toISOString() }).flatMap(
    ([name, value]) => (value === undefined ? [] : ['--label', `org.opencontainers.image.${name}=${value}`]),
  )

/** What buildah said of a base image that it could not get. Undefined if it failed at something else. */
const troubleWithBase = (said: string): string | undefined =>
  /(?<=creating build container: ).+/.exec(said)?.[0]

/** Runs `buildah build`. Throws an UnavailableError if that fails, such as for a base image that it cannot get. */
const build = (args: readonly string[]): void => {
  const { status, error, stderr } = spawnSync('buildah', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (error) throw error
  if (status === 0) return
  const trouble = troubleWithBase(stderr)
  if (trouble === undefined) throw new UnavailableError(`buildah build failed:\n${stderr}`)
  throw new UnavailableError(
    `buildah cannot get the base image (${trouble}); check its name and that this machine reaches its registry, or give another one by --base, such as oci:DIRECTORY:TAG`,
  )
}

/**
 * Builds the Dockerfile for the architectures of the tarballs, and packs one OCI archive of them. Answers its path. Throws an
 * UnavailableError if buildah fails.
 */
export const makeImage = async (parts: ImageParts): Promise<string> => {
  const { version, epoch, base, tarballs, scratch } = parts
  const context = join(scratch, 'context')
  await mkdir(join(context, 'dist'), { recursive: true })
  for (const tarball of tarballs.values()) await cp(tarball, join(context, 'dist', basename(tarball)))
  await cp('packaging/launcher', join(context, 'packaging/launcher'))
  await cp('Dockerfile', join(context, 'Dockerfile'))

  const store = [
    '--root',
    join(scratch, 'store'),
    '--runroot',
    join(scratch, 'run'),
    '--storage-driver',
    'vfs',
  ]
  const buildah = (...args: readonly string[]): void => run('buildah', [...store, ...args])
  const architectures = [...tarballs.keys()]
  const image = `localhost/health-sidecar:${version}`
  build([
    ...store,
    'build',
    '--quiet',
    '--format=oci',
    `--platform=${architectures.map(name => `linux/${name}`).join(',')}`,
    `--manifest=${image}`,
    `--timestamp=${epoch}`,
    '--identity-label=false',
    `--build-arg=VERSION=${version}`,
    ...(base === undefined ? [] : [`--build-arg=BASE=${base}`]),
    ...labelsOf(parts),
    context,
  ])
  const layout = join(scratch, 'layout')
  buildah('manifest', 'push', '--quiet', '--all', image, `oci:${layout}:health-sidecar:${version}`)
  const file = join(scratch, imageName(architectures, version))
  // not buildah's own archive, whose files have the date of the build
  packTar(layout, { names: ['blobs', 'index.json', 'oci-layout'], file, epoch })
  return file
}
