import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { codeBlocks } from '../../docs/markdown.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { lacks, pathOf, runProgram } from './example.ts'

// The ten lines for Ansible and for Puppet of docs/install.md.

const page = await readFile(pathOf('../docs/install.md'), 'utf8')
const [ansible = '', ...otherYaml] = codeBlocks(page, 'yml')
const [puppet = '', ...otherPuppet] = codeBlocks(page, 'puppet')
const scratch = await createScratchDirectory('hs-recipes-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const at = (name: string): string => join(scratch.path, name)

t.test('recipes › have ten lines each', async t => {
  t.strictSame([...otherYaml, ...otherPuppet], [])
  for (const recipe of [ansible, puppet]) {
    const lines = recipe.trim().split('\n').length
    t.ok(lines > 5 && lines <= 10, `${lines} lines`)
  }
})

t.test('ansible › settings come before the package, and units after it', async t => {
  const tasks: readonly object[] = parse(ansible)
  const modules = tasks.map(task => Object.keys(task)[0]?.replace('ansible.builtin.', ''))
  t.strictSame(modules, ['get_url', 'copy', 'apt', 'systemd'])
})

t.test('ansible › takes its lines, and no others', { skip: lacks('ansible-playbook') }, async t => {
  const check = async (tasks: string) => {
    const handlers = [
      { name: 'restart health-sidecar', 'ansible.builtin.systemd': { name: 'x', state: 'restarted' } },
    ]
    await writeFile(at('play.yaml'), stringify([{ hosts: 'all', tasks: parse(tasks), handlers }]))
    const command = [
      'ansible-playbook',
      '--syntax-check',
      '--inventory',
      'localhost,',
      at('play.yaml'),
    ] as const
    return runProgram(command, { env: { PATH: process.env['PATH'], HOME: scratch.path, LC_ALL: 'C.UTF-8' } })
  }
  t.match(await check(ansible), { code: 0 })
  t.match(await check(ansible.replace('get_url:', 'get_urls:')), { stderr: /get_urls/ })
})

t.test('puppet › takes its lines, and no others', { skip: lacks('puppet') }, async t => {
  const validate = async (manifest: string) => {
    await writeFile(at('manifest.pp'), manifest)
    return runProgram([
      'puppet',
      'parser',
      'validate',
      '--confdir',
      scratch.path,
      '--vardir',
      at('var'),
      at('manifest.pp'),
    ])
  }
  const manifest = `class sidecar (String $sha256) {\n${puppet}\n}\n`
  t.match(await validate(manifest), { code: 0, stderr: '' })
  t.match(await validate(manifest.replace('ensure =>', 'ensure =')), { code: 1, stderr: /Syntax error/ })
})
