import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parseEnvFile } from '../../../src/env-file/parse-env-file.ts'
import { runCommand } from '../../support/run-command.ts'
import { at, lacks, pathOf, readExample, readHcl, runProgram } from './example.ts'

const build = pathOf('packer/sidecar.pkr.hcl')

t.test('packer › fmt -check has nothing to change', { skip: lacks('packer') }, async t => {
  t.match(await runProgram(['packer', 'fmt', '-check', '-diff', pathOf('packer')]), { code: 0, stdout: '' })
})

t.test('packer › validate takes it, given a package', { skip: lacks('packer') }, async t => {
  const deb = join(t.testdir({ 'health-sidecar_0.1.0_amd64.deb': '' }), 'health-sidecar_0.1.0_amd64.deb')
  const validate = (...args: readonly string[]) =>
    runProgram(['packer', 'validate', ...args, build], { cwd: pathOf('packer') })
  t.strictSame(await validate('-var', `deb=${deb}`), { code: 0, stdout: '', stderr: '' })
  t.not((await validate()).code, 0, 'and not without one')
  t.not((await validate('-var', `deb=${deb}.gone`)).code, 0, 'nor with one that is not there')
})

t.test('packer › the plugin is asked for in a file of its own', async t => {
  const amazon = at(await readHcl('packer/plugins.pkr.hcl'), 'packer', 'required_plugins', 'amazon')
  t.match(amazon, { source: 'github.com/hashicorp/amazon' })
  t.strictSame(Object.keys(at(await readHcl('packer/sidecar.pkr.hcl'), 'packer') as object), [
    'required_version',
  ])
})

t.test('packer › the commands on the image are sound shell', { skip: lacks('shellcheck') }, async t => {
  const { provisioner } = at(await readHcl('packer/sidecar.pkr.hcl'), 'build') as {
    provisioner: { shell: [{ inline: string[]; inline_shebang: string }] }
  }
  const [{ inline, inline_shebang: shebang }] = provisioner.shell
  t.match(inline.join('\n'), /systemctl enable health-sidecar\.socket health-sidecar\.service/)
  const script = join(t.testdir(), 'inline.sh')
  await writeFile(script, `#!${shebang}\n${inline.join('\n')}\n`)
  t.strictSame(await runProgram(['shellcheck', script]), { code: 0, stdout: '', stderr: '' })
})

t.test('packer › the settings fill in the built-in configuration', async t => {
  const { variables, problems } = parseEnvFile(await readExample('packer/health-sidecar.default'), 'systemd')
  t.strictSame(problems, [])
  const env = Object.fromEntries(
    [...variables].map(([name, variable]) => [name, variable.kind === 'known' ? variable.value : '']),
  )
  t.match(await runCommand(['config'], { env }), { code: 0, stderr: '' })
})
