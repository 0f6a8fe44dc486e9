import { readFile } from 'node:fs/promises'
import t from 'tap'
import { tablesOf } from './markdown.ts'
import { commonKeys, generalKeys, ownKeys } from './schema-keys.ts'
import type { Keys } from './schema-keys.ts'

const sorted = (entries: Iterable<readonly [string, string]>) =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1))

/** The rows of a page's only table of keys below a heading: key and default. */
const documented = async (page: string, heading: string): Promise<readonly (readonly [string, string])[]> => {
  const [table, ...more] = tablesOf(await readFile(page, 'utf8')).filter(
    found => found.heading === heading && found.columns[0] === 'key',
  )
  if (!table || more.length > 0) throw new Error(`${page} needs one table of keys below "${heading}"`)
  if (table.columns.join() !== 'key,default,meaning') throw new Error(`${page}: other columns`)
  return table.rows.map(([key = '', value = '', meaning]) => {
    if (!meaning) throw new Error(`${page}: ${key} has no meaning`)
    return [key.replace(/^`(.*)`$/, '$1'), value]
  })
}

const tables: readonly (readonly [page: string, heading: string, keys: Keys])[] = [
  ['docs/configuration.md', 'General keys', generalKeys()],
  ['docs/configuration.md', 'Keys of every check', commonKeys()],
  ...Array.from(ownKeys(), ([type, keys]) => [`docs/checks/${type}.md`, 'Keys', keys] as const),
]

for (const [page, heading, keys] of tables)
  t.test(`${page} › ${heading}: each key of the schema with its default, and no other`, async t => {
    t.ok(keys.size > 0)
    t.strictSame(sorted(await documented(page, heading)), sorted(keys))
  })

/** What a line of a man page says, without its macro and its quotes. */
const plain = (line: string): string =>
  Array.from(
    line.replace(/^\.\w+ /, '').matchAll(/"([^"]*)"|(\S+)/g),
    ([, quoted, word]) => quoted ?? word,
  ).join('')

/** The keys that a section of the man page explains, each with its default in parentheses. */
const explained = (source: string, title: RegExp): readonly (readonly [string, string])[] => {
  const [section, ...more] = source.split(/^\.SH /m).filter(part => title.test(part))
  if (section === undefined || more.length > 0) throw new Error(`one section has to match ${title.source}`)
  return section
    .split(/^\.TP\n/m)
    .slice(1)
    .map(item => {
      const [, key = '', value = ''] = /^(\S+)(?: \((.*)\))?$/.exec(plain(item.split('\n')[0] ?? '')) ?? []
      return [key, value]
    })
}

const inMan = (keys: Keys): readonly (readonly [string, string])[] =>
  Array.from(keys, ([key, value]) => [key, value === '–' ? '' : value.replaceAll('`', '')])

const sections: readonly (readonly [title: RegExp, keys: Keys])[] = [
  [/^KEYS\n/, generalKeys()],
  [/^KEYS OF EVERY CHECK\n/, commonKeys()],
  ...Array.from(ownKeys(), ([type, keys]) => [new RegExp(`^${type}: `), keys] as const),
]

for (const [title, keys] of sections)
  t.test(
    `health-sidecar.yaml(5) › ${title.source}: each key of the schema with its default, and no other`,
    async t => {
      const source = await readFile('packaging/man/health-sidecar.yaml.5', 'utf8')
      t.strictSame(sorted(explained(source, title)), sorted(inMan(keys)))
    },
  )
