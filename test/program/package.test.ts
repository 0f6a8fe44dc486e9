import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../../packaging/build.ts'
import { askedFor, fileName, imageName, unknownIn } from '../../packaging/targets.ts'
import { UnavailableError } from '../../packaging/unavailable.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

const scratch = await createScratchDirectory('hs-package-words-')
t.teardown(() => scratch[Symbol.asyncDispose]())

/** Runs `npm run package` with these words, where only these programs are on the PATH. Each fails, if it is run. */
const packageWith = async (
  words: readonly string[],
  programs: readonly string[],
  variables: NodeJS.ProcessEnv = { SOURCE_DATE_EPOCH: '1' },
) => {
  const bin = await mkdtemp(join(scratch.path, 'bin-'))
  await symlink('/bin/sh', join(bin, 'sh'))
  for (const program of programs) {
    await writeFile(join(bin, program), '#!/bin/sh\nexit 1\n')
    await chmod(join(bin, program), 0o755)
  }
  const env = { PATH: bin, ...variables }
  const into = join(scratch.path, 'into')
  return spawnSync(process.execPath, ['package.ts', '--into', into, ...words], { env, encoding: 'utf8' })
}

const OF_EVERY_BUILD = ['npm', 'tar', 'gzip', 'strip']
const native = process.arch === 'arm64' ? 'arm64' : 'amd64'

t.test('package › names every missing program and its packages before it begins, and exits 69', async t => {
  const { status, stdout, stderr } = await packageWith(['deb', 'rpm', 'amd64', 'arm64'], OF_EVERY_BUILD)
  t.equal(status, 69)
  t.equal(stdout, '')
  const [programs, debian, fedora] = stderr.split('\n')
  t.match(programs, /^npm run package: these programs are missing: .*dpkg-buildpackage dh rpmbuild$/)
  t.match(debian, /apt install binutils-\S+ dpkg-dev debhelper rpm$/)
  t.match(fedora, /dnf install binutils-\S+ dpkg-dev debhelper rpm-build$/)
})

t.test('package › asks for no tool of another format or architecture', async t => {
  const { status, stderr } = await packageWith(['tar', native], ['npm', 'tar', 'gzip'])
  t.equal(status, 69)
  t.match(stderr, /^npm run package: these programs are missing: strip$/m)
  t.match(stderr, /^On Debian or Ubuntu: {2}apt install binutils$/m)
})

t.test('package › the image asks for buildah, and for git, whose commit it names', async t => {
  const { status, stderr } = await packageWith(['image', native], OF_EVERY_BUILD)
  t.equal(status, 69)
  t.match(stderr, /^npm run package: these programs are missing: git buildah$/m)
})

t.test('package › without a commit, it names the variable to set before it begins, and exits 69', async t => {
  const programs = [...OF_EVERY_BUILD, 'git', 'buildah']
  for (const [words, variables, name] of [
    [['tar', native], {}, 'SOURCE_DATE_EPOCH'],
    [['image', native], { SOURCE_DATE_EPOCH: '1' }, 'SOURCE_REVISION'],
  ] as const) {
    const { status, stdout, stderr } = await packageWith(words, programs, variables)
    t.match({ status, stdout }, { status: 69, stdout: '' })
    t.match(
      stderr,
      new RegExp(`^npm run package: there is no commit to take it from \\(.*\\); set ${name}\n$`),
    )
  }
})

t.test('package › a date that is none is refused', async t => {
  for (const date of ['', '1.5']) {
    const { status, stderr } = await packageWith(['tar', native], OF_EVERY_BUILD, { SOURCE_DATE_EPOCH: date })
    t.equal(status, 69)
    t.match(stderr, `npm run package: SOURCE_DATE_EPOCH is "${date}"; set it to seconds since 1970`)
  }
})

t.test('package › if npm cannot get Node, or the directory cannot be made, one line says so', async t => {
  t.match(await packageWith(['tar', native], OF_EVERY_BUILD), {
    status: 69,
    stderr: /^npm run package: npm cannot get node-linux-\w+@[\d.]+, for the reason above; .*\n$/,
  })
  t.match(await packageWith(['tar', native, '--into', 'LICENSE'], OF_EVERY_BUILD), {
    status: 69,
    stderr: 'npm run package: the directory LICENSE cannot be made (EEXIST); name another one by --into\n',
  })
  t.match(await packageWith(['tar', native, '--into', '/proc/self/x/y'], OF_EVERY_BUILD), {
    status: 69,
    stderr:
      'npm run package: the directory /proc/self/x/y cannot be made (ENOENT); name another one by --into\n',
  })
  const deep = join(scratch.path, 'not', 'there')
  await packageWith(['tar', native, '--into', deep], OF_EVERY_BUILD)
  t.strictSame(await readdir(deep), [], 'it is made with those above it')
})

t.test('package › a tool that fails is told in one line, after what it says itself', t => {
  const fails = ([command, ...args]: readonly [string, ...string[]], message: string | RegExp) =>
    t.throws(() => run(command, args), { constructor: UnavailableError, message })
  fails(['/bin/sh', '-c', 'exit 3'], 'sh failed (exit code 3), for the reason above; mend that, and retry')
  fails(['/bin/sh', '-c', 'kill -9 $$'], /^sh failed \(SIGKILL\)/)
  fails(['/nonexistent/dpkg-buildpackage'], 'dpkg-buildpackage cannot be run (ENOENT)')
  t.doesNotThrow(() => run('/bin/sh', ['-c', 'exit 0']))
  t.end()
})

t.test('package › words that it does not know get its usage, and exit 64', async t => {
  for (const [words, what] of [
    [['deb', 'apk'], '"apk" is neither a format nor an architecture'],
    [['DEB'], '"DEB" is neither a format nor an architecture'],
    [['deb', '--fast'], "Unknown option '--fast'"],
    [['deb', '--base', 'debian'], '--base is for the image alone; add the word image, or leave it out'],
  ] as const) {
    const { status, stderr } = await packageWith(words, ['unused'])
    t.equal(status, 64, words.join(' '))
    const [complaint, usage = ''] = stderr.split('\n')
    t.equal(complaint, `npm run package: ${what}`)
    t.match(usage, /^Usage: npm run package -- \[deb\|rpm\|tar\|image \.\.\.\] \[amd64\|arm64 \.\.\.\]/)
  }
})

t.test('targets › what is not named means all of its kind', t => {
  const both = ['amd64', 'arm64'] as const
  t.strictSame(askedFor([]), { formats: ['deb', 'rpm', 'tar'], image: false, architectures: both })
  t.strictSame(askedFor(['tar']), { formats: ['tar'], image: false, architectures: both })
  const some = askedFor(['arm64', 'rpm', 'deb'])
  t.strictSame(some, { formats: ['deb', 'rpm'], image: false, architectures: ['arm64'] })
  t.strictSame(askedFor(['image']), { formats: [], image: true, architectures: both })
  t.equal(unknownIn(['deb', 'x86_64']), 'x86_64')
  t.equal(unknownIn(['deb', 'image', 'arm64']), undefined)
  t.equal(fileName('rpm', 'arm64', '1.2.3'), 'health-sidecar-1.2.3-1.aarch64.rpm')
  t.equal(imageName(both, '1.2.3'), 'health-sidecar-1.2.3-oci.tar')
  t.equal(imageName(['arm64'], '1.2.3'), 'health-sidecar-1.2.3-linux-arm64-oci.tar')
  t.end()
})
