import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'
import { anchorsOf, linksOf, manual } from './markdown.ts'

const isAddress = (target: string): boolean => /^[a-z]+:/.test(target)

/** What is wrong with a link; undefined where nothing is. */
const complaint = async (page: string, target: string): Promise<string | undefined> => {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : normalize(join(dirname(page), path))
  if (file.startsWith('..') || !existsSync(file)) return `${page}: ${target}: there is no such file`
  if (anchor === undefined || anchorsOf(await readFile(file, 'utf8')).includes(anchor)) return undefined
  return `${page}: ${target}: there is no such heading`
}

t.test('links › lead to files and headings that exist', async t => {
  const pages = [...manual, 'SECURITY.md', 'config/README.md', 'systemd/README.md', 'test/gauntlet/README.md']
  const links = await Promise.all(
    pages.map(async page => linksOf(await readFile(page, 'utf8')).map(target => ({ page, target }))),
  )
  const relative = links.flat().filter(({ target }) => !isAddress(target))
  t.ok(relative.length > 50, `${relative.length} links`)
  const complaints = await Promise.all(relative.map(({ page, target }) => complaint(page, target)))
  t.strictSame(complaints.filter(Boolean), [])
})

t.test('links › README leads to every page of the manual', async t => {
  const targets = new Set(linksOf(await readFile('README.md', 'utf8')))
  t.strictSame(
    manual.filter(page => page !== 'README.md' && !targets.has(page)),
    [],
  )
})
