import { readFile } from 'node:fs/promises'
import t from 'tap'
import { debianChangelog } from '../../packaging/changelog.ts'

t.test('changelog › is that of the version, in Debian’s form, no line longer than 80', t => {
  const section = `- [FEATURE] \`serve\`: ${'answers and answers '.repeat(8)}in time.\n- [BUGFIX] Less.\n`
  const changelog = `# Changelog\n\n## 0.2.0 / unreleased\n\n${section}\n## 0.1.0 / 2026-11-22\n\n- [FEATURE] Old.\n`
  const maintainer = 'Them <them@maintainers.invalid>'
  const text = debianChangelog(changelog, { version: '0.2.0', maintainer, epoch: 1_795_388_523 })
  t.match(text, /^health-sidecar \(0\.2\.0\) unstable; urgency=medium\n\n {2}\* \[FEATURE\] `serve`: answers/)
  t.match(
    text,
    '\n  * [BUGFIX] Less.\n\n -- Them <them@maintainers.invalid>  Sun, 22 Nov 2026 23:02:03 +0000\n',
  )
  t.notMatch(text, 'Old.')
  t.notMatch(text, /.{81}/)
  t.throws(() => debianChangelog(changelog, { version: '0.3.0', maintainer, epoch: 0 }), {
    message: 'CHANGELOG.md has no section for 0.3.0; add one',
  })
  t.end()
})

t.test('/etc/default/health-sidecar › tells of every variable that fills in the configuration', async t => {
  const variables = async (file: string) =>
    new Set((await readFile(file, 'utf8')).match(/(?<!\w)HEALTH_SIDECAR_\w+/g))
  const taken = await variables('config/health-sidecar.yaml')
  // where it listens and keeps its state is the unit's to say
  for (const name of ['LISTEN', 'STATE_DIR', 'ADMIN_SOCKET']) t.ok(taken.delete(`HEALTH_SIDECAR_${name}`))
  t.strictSame([...(await variables('packaging/debian/health-sidecar.default'))].sort(), [...taken].sort())
})

t.test(
  '/etc/default/health-sidecar › shows the command that writes the manifest, with its environment',
  async t => {
    const command = /DJANGO_SETTINGS_MODULE=.+/.exec(
      await readFile('config/django/health_manifest.py', 'utf8'),
    )?.[0]
    t.match(await readFile('packaging/debian/health-sidecar.default', 'utf8'), `#   ${command}\n`)
  },
)
