import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { makeImage } from '../../packaging/image.ts'
import { UnavailableError } from '../../packaging/unavailable.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

const scratch = await createScratchDirectory('hs-image-')
t.teardown(() => scratch[Symbol.asyncDispose]())

/** Makes an image with a buildah that says this and fails. */
const makeWith = async (said: string) => {
  const bin = join(scratch.path, 'bin')
  await mkdir(bin, { recursive: true })
  await writeFile(join(bin, 'buildah'), `#!/bin/sh\ncat >&2 <<'END'\n${said}\nEND\nexit 125\n`)
  await chmod(join(bin, 'buildah'), 0o755)
  const before = process.env['PATH']
  process.env['PATH'] = `${bin}:${before}`
  try {
    const parts = { version: '1.2.3', epoch: 1, revision: 'c0ffee', tarballs: new Map() }
    return await makeImage({ ...parts, scratch: join(scratch.path, 'image') })
  } finally {
    process.env['PATH'] = before
  }
}

t.test('image › without its base, one line says why and what to do', async t => {
  const why =
    'initializing source docker://debian:12-slim: dial tcp: lookup registry-1.docker.io: no such host'
  // buildah's words for one architecture, and for two
  for (const said of [
    `Error: creating build container: ${why}`,
    `Error: 2 errors occurred:\n\t* creating build container: ${why}\n\t* creating build container: ${why}\n\n`,
  ])
    await t.rejects(makeWith(said), {
      constructor: UnavailableError,
      message: `buildah cannot get the base image (${why}); check its name and that this machine reaches its registry, or give another one by --base, such as oci:DIRECTORY:TAG`,
    })
})

t.test('image › any other failure is told in all of its words', async t => {
  const said = 'Error: building at STEP "ADD dist/x /": no such file\nand more'
  await t.rejects(makeWith(said), {
    constructor: UnavailableError,
    message: `buildah build failed:\n${said}\n`,
  })
})
