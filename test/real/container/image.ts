import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { copyFile, cp, mkdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const REPOSITORY = join(import.meta.dirname, '../../..')
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const BUILD_TIMEOUT_MS = 240_000
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/** What the tests look at in an image's configuration, as Docker has it. */
export interface ImageConfig {
  readonly User: string
  readonly ExposedPorts: object
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly Healthcheck: { readonly Test: readonly string[] }
  readonly Volumes: object
  readonly Labels: Readonly<Record<string, string>>
  readonly StopSignal: string
}

export interface Image {
  readonly config: ImageConfig
  /** Its files, in a folder. */
  readonly root: string
}

/** Runs buildah with a store of its own in `directory`; answers what it prints. */
const buildahIn = (directory: string) => async (args: readonly string[]) => {
  const store = ['--root', join(directory, 'store'), '--runroot', join(directory, 'run')]
  const options = { cwd: REPOSITORY, timeout: BUILD_TIMEOUT_MS, maxBuffer: 2 ** 24 }
  const { stdout } = await run('buildah', [...store, '--storage-driver', 'vfs', ...args], options)
  return stdout.trim()
}

/** What an image of Node 24 has: the programs of a small Debian, Node and npm. */
const fillBase = async (root: string, debian: string): Promise<void> => {
  const rest = ['./var', './usr/share', './usr/lib/systemd'].map(path => `--exclude=${path}`).join(' ')
  const copy = `tar -C "$FROM" ${rest} -cf - . | tar -C "$TO" -xf -`
  await run('bash', ['-euo', 'pipefail', '-c', copy], { env: { ...process.env, FROM: debian, TO: root } })
  for (const folder of ['usr/local/bin', 'usr/local/lib', dirname(CERTIFICATES)])
    await mkdir(join(root, folder), { recursive: true })
  await copyFile(process.execPath, join(root, 'usr/local/bin/node'), constants.COPYFILE_FICLONE)
  const { stdout: npm } = await run('bash', ['-c', 'readlink -f "$(command -v npm)"'])
  await cp(join(dirname(npm), '..'), join(root, 'usr/local/lib/npm'), { recursive: true })
  await symlink('../lib/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
  // the registry may be reached by way of a proxy that only this machine's certificates know
  await copyFile(CERTIFICATES, join(root, CERTIFICATES))
}

/** Builds the Dockerfile on a base made from the Debian in a folder; all that is made lies in `directory`. */
export const buildImage = async (directory: string, debian: string): Promise<Image> => {
  const buildah = buildahIn(directory)
  const base = await buildah(['from', 'scratch'])
  await fillBase(await buildah(['mount', base]), debian)
  await buildah(['config', '--env', `PATH=${PATH}`, '--env', `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, base])
  await buildah(['commit', '--rm', '--quiet', base, 'localhost/node:24'])

  const { stdout: cache } = await run('npm', ['config', 'get', 'cache'])
  await mkdir(cache.trim(), { recursive: true })
  const how = `--quiet --format docker --isolation chroot --volume ${cache.trim()}:/root/.npm`
  const what = '--build-arg BASE=localhost/node:24 --tag localhost/health-sidecar .'
  await buildah(['bud', ...how.split(' '), ...what.split(' ')])
  const inspected = await buildah(['inspect', '--type', 'image', 'localhost/health-sidecar'])
  const container = await buildah(['from', 'localhost/health-sidecar'])
  return { config: JSON.parse(inspected).Docker.config, root: await buildah(['mount', container]) }
}
