import { join } from 'node:path'
import t from 'tap'
import { bundledPackages } from '../../packaging/bundled-packages.ts'
import { copyrightFile } from '../../packaging/copyright.ts'

const packageJson = (name: string) =>
  JSON.stringify({ name, version: '1.2.0', license: 'MIT', author: { name: 'Ann' } })
const permission = 'Permission is hereby granted, free of charge'

/** A metafile of a bundle of these files, each with so many bytes. */
const metafile = (folder: string, files: Readonly<Record<string, number>>) => ({
  outputs: {
    'health-sidecar.js': {
      inputs: Object.fromEntries(
        Object.entries(files).map(([path, bytesInOutput]) => [join(folder, path), { bytesInOutput }]),
      ),
    },
  },
})

t.test('copyright › holds the licence of each package that is in the bundle, and of no other', async t => {
  const folder = t.testdir({
    node_modules: {
      a: {
        'package.json': packageJson('a'),
        LICENSE: `MIT License\n\nCopyright (c) 2020 Ann and Bob\n\n${permission}\n`,
        node_modules: { '@s': { b: { 'package.json': packageJson('@s/b'), 'license.md': permission } } },
      },
      c: {
        'package.json': packageJson('c'),
        'README.md': `# c\nis nice\n## License\n\nCopyright Cid\n\n${permission}\n# Thanks\n`,
      },
      unused: { 'package.json': packageJson('unused') },
    },
  })
  const bundled = await bundledPackages(
    metafile(folder, {
      'src/main.ts': 10,
      'node_modules/a/lib/index.js': 10,
      'node_modules/a/lib/other.js': 10,
      'node_modules/a/node_modules/@s/b/index.js': 10,
      'node_modules/c/index.js': 10,
      'node_modules/unused/index.js': 0,
    }),
  )
  t.match(bundled, [
    { name: '@s/b@1.2.0', copyright: ['Ann'], text: permission },
    { name: 'a@1.2.0', licence: 'MIT', copyright: ['2020 Ann and Bob'] },
    { name: 'c@1.2.0', copyright: ['Cid'], text: `Copyright Cid\n\n${permission}\n` },
  ])
  t.equal(bundled.length, 3)
  const file = copyrightFile(bundled, { licence: 'Our own\n\ntext', nodeLicence: 'of Node' })
  t.match(file, /^Format: https:.*copyright-format\/1\.0\/\n/)
  t.match(
    file,
    '\n\nFiles: *\nCopyright: 2026 The health-sidecar authors\nLicense: MIT\n Our own\n .\n text\n\n',
  )
  t.match(file, '\nLicense: Node.js\n of Node\n')
  t.match(
    file,
    '\n\nFiles: node_modules/c@1.2.0/*\nCopyright: Cid\nLicense: MIT\n Copyright Cid\n .\n Permission',
  )
})

t.test('copyright › whose licence is a form, as Apache’s is, names its holders in its sources', async t => {
  const apache = '   copyright license to reproduce,\n   Copyright [yyyy] [name of copyright owner]\n'
  const folder = t.testdir({
    node_modules: {
      d: {
        'package.json': JSON.stringify({ name: 'd', version: '1.2.0', license: 'Apache-2.0', main: 'd.js' }),
        LICENSE: apache,
        'd.js': '// Copyright The Authors\n//\n// and more',
      },
    },
  })
  t.match(await bundledPackages(metafile(folder, { 'node_modules/d/d.js': 1 })), [
    { name: 'd@1.2.0', copyright: ['The Authors'], text: apache },
  ])
})

t.test('copyright › a package that is bundled without the text of its licence fails the build', async t => {
  const folder = t.testdir({
    node_modules: { bare: { 'package.json': packageJson('bare'), 'README.md': '' } },
  })
  await t.rejects(bundledPackages(metafile(folder, { 'node_modules/bare/index.js': 1 })), {
    message: /^bare is bundled, but has no licence text; put the text in .*bare\.txt$/,
  })
})
