import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { stringify, parse } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { codeBlocks, manual } from './markdown.ts'

const scratch = await createScratchDirectory('hs-docs-')
t.teardown(() => scratch[Symbol.asyncDispose]())

const names = async (text: string): Promise<readonly string[]> => {
  const file = join(scratch.path, 'health-sidecar.yaml')
  await writeFile(file, text)
  return (await loadConfig(file, { CREDENTIALS_DIRECTORY: '/run/credentials' })).checks.map(
    ({ name }) => name,
  )
}

/** A list of checks as a whole configuration, with a check of each name that they depend on. */
const completed = (list: string): string => {
  const checks: readonly { readonly name: string; readonly depends_on?: readonly string[] }[] = parse(list)
  const missing = checks
    .flatMap(check => check.depends_on ?? [])
    .filter(name => checks.every(check => check.name !== name))
  const others = missing.map(name => ({ name, type: 'postgres', database: 'postgres://app@db/app' }))
  const page = { name: 'any', type: 'smoke', target: 'http+unix:/run/app.sock' }
  return stringify({ checks: [...checks, ...others, page] })
}

const isWhole = (block: string): boolean => /^checks:/m.test(block)
const isList = (block: string): boolean => block.startsWith('- name:')

const blocks = await Promise.all(
  [...manual, 'systemd/README.md'].map(async page => ({
    page,
    blocks: codeBlocks(await readFile(page, 'utf8'), 'yaml'),
  })),
)

t.test('manual › there are configurations to load', async t => {
  const all = blocks.flatMap(({ blocks: some }) => some)
  t.ok(all.filter(isWhole).length >= 2)
  t.ok(all.filter(isList).length >= 6)
  t.strictSame(
    all.filter(block => !isWhole(block) && !isList(block)),
    [],
    'a block of YAML that is neither a configuration nor a list of checks',
  )
})

for (const { page, blocks: some } of blocks)
  for (const block of some)
    t.test(`${page} › its configuration loads: ${/name: (\w+)/.exec(block)?.[1]}`, async t => {
      t.ok((await names(isWhole(block) ? block : completed(block))).length > 0)
    })
