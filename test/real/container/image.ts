import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ARCHITECTURES, imageName } from '../../../packaging/targets.ts'
import type { Architecture } from '../../../packaging/targets.ts'
import { version } from '../../../src/lib/version.ts'

const run = promisify(execFile)
const REPOSITORY = join(import.meta.dirname, '../../..')
const BUILD_TIMEOUT_MS = 280_000
const TAG = `health-sidecar:${version}`

/** What the tests give the build instead of a commit's. */
export const SOURCE = {
  SOURCE_DATE_EPOCH: '1795388523',
  SOURCE_REVISION: 'c0ffee',
  SOURCE_URL: 'https://git.example.com/hs',
}

/** What the tests look at in an image's configuration (https://specs.opencontainers.org/image-spec/config/). */
export interface ImageConfig {
  readonly architecture: string
  readonly created: string
  readonly config: {
    readonly User: string
    readonly ExposedPorts: object
    readonly Env: readonly string[]
    readonly Entrypoint: readonly string[]
    readonly Cmd: readonly string[]
    readonly Volumes: object
    readonly Labels: Readonly<Record<string, string>>
    readonly StopSignal: string
  }
}

export interface Image extends ImageConfig {
  /** Of its manifest. */
  readonly digest: string
  /** Its files, in a folder. */
  readonly root: string
}

interface Blob {
  readonly digest: string
  readonly platform?: { readonly architecture: string }
}

/** Runs buildah with a store of its own in `directory`; answers what it prints. */
const buildahIn = (directory: string) => async (args: readonly string[]) => {
  const store = ['--root', join(directory, 'store'), '--runroot', join(directory, 'run')]
  const options = { timeout: BUILD_TIMEOUT_MS, maxBuffer: 2 ** 24 }
  const { stdout } = await run('buildah', [...store, '--storage-driver', 'vfs', ...args], options)
  return stdout.trim()
}

/**
 * Makes, as a folder, what a registry would have: an image of the programs of a small Debian, for both architectures. The one for the other
 * architecture has the same files, because nothing of it ever runs.
 */
export const makeBase = async (directory: string, debian: string): Promise<string> => {
  const buildah = buildahIn(directory)
  const base = await buildah(['from', 'scratch'])
  const rest = ['./var', './usr/share', './usr/lib/systemd', 'gconv', 'perl*']
    .map(path => `--exclude=${path}`)
    .join(' ')
  const copy = `tar -C "$FROM" ${rest} -cf - . | tar -C "$TO" -xf -`
  const env = { ...process.env, FROM: debian, TO: await buildah(['mount', base]) }
  await run('bash', ['-euo', 'pipefail', '-c', copy], { env })
  await buildah(['manifest', 'create', 'base'])
  for (const name of ARCHITECTURES) {
    await buildah(['config', '--arch', name, base])
    await buildah(['commit', '--quiet', base, `localhost/base-${name}`])
    await buildah(['manifest', 'add', 'base', `localhost/base-${name}`])
  }
  const layout = `oci:${join(directory, 'base')}:latest`
  await buildah(['manifest', 'push', '--quiet', '--all', 'base', layout])
  return layout
}

/** Runs `npm run package -- image` on a base; answers the archive's path. */
export const buildImage = async (
  into: string,
  {
    base,
    architectures = ARCHITECTURES,
  }: { readonly base: string; readonly architectures?: readonly Architecture[] },
): Promise<string> => {
  const args = ['package.ts', 'image', ...architectures, '--base', base, '--into', into]
  const env = { ...process.env, ...SOURCE }
  await run(process.execPath, args, { cwd: REPOSITORY, timeout: BUILD_TIMEOUT_MS, env })
  return join(into, imageName(architectures, version))
}

/** Unpacks an archive, and answers the manifest of each architecture in it, and how to read what it names. */
export const openArchive = async (archive: string, layout: string) => {
  await mkdir(layout)
  await run('tar', ['-xf', archive, '-C', layout])
  const blob = async ({ digest }: Blob) =>
    JSON.parse(await readFile(join(layout, 'blobs', digest.replace(':', '/')), 'utf8'))
  const [index] = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')).manifests as [Blob]
  const { manifests }: { readonly manifests: readonly Blob[] } = await blob(index)
  const manifestOf = (name: Architecture): Blob => {
    const [only, ...others] = manifests.filter(({ platform }) => platform?.architecture === name)
    if (!only || others.length > 0) throw new Error(`not one image for ${name}`)
    return only
  }
  return { blob, manifestOf }
}

/** The image of each architecture in an archive. */
export const imagesIn = async (
  archive: string,
  directory: string,
): Promise<Readonly<Record<Architecture, Image>>> => {
  const layout = join(directory, 'layout')
  const { blob, manifestOf } = await openArchive(archive, layout)
  const buildah = buildahIn(directory)
  const imageOf = async (name: Architecture): Promise<Image> => {
    const { digest } = manifestOf(name)
    const config: ImageConfig = await blob((await blob({ digest })).config)
    const container = await buildah(['from', '--arch', name, `oci:${layout}:${TAG}`])
    return { ...config, digest, root: await buildah(['mount', container]) }
  }
  return { amd64: await imageOf('amd64'), arm64: await imageOf('arm64') }
}
