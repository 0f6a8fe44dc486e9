import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'

interface Import {
  readonly from: string
  readonly to: string
}

/** Every import of `src/`, as paths from `src/`; packages and Node's modules by their name. */
const imports: readonly Import[] = globSync('src/**/*.ts').flatMap(file => {
  const from = file.slice('src/'.length)
  const text = readFileSync(file, 'utf8')
  return Array.from(text.matchAll(/(?:from|import) '([^']+)'/g), ([, name = '']) => ({
    from,
    to: name.startsWith('.') ? normalize(join(dirname(from), name)) : name,
  }))
})

const broken = (applies: (from: string) => boolean, allows: (to: string, from: string) => boolean) =>
  imports
    .filter(({ from, to }) => applies(from) && !allows(to, from))
    .map(({ from, to }) => `${from} imports ${to}`)

const isIn =
  (...folders: string[]) =>
  (path: string) =>
    folders.some(folder => path.startsWith(`${folder}/`))

t.test('walls › there is something to hold', async t => {
  t.ok(imports.length > 100)
  t.ok(imports.some(({ from, to }) => from === 'main.ts' && to === 'cli/run.ts'))
})

t.test('walls › core imports only core', async t => {
  t.strictSame(broken(isIn('core'), isIn('core')), [])
})

t.test('walls › core reads no clock and sets no timer', async t => {
  for (const file of globSync('src/core/*.ts'))
    t.notMatch(
      readFileSync(file, 'utf8'),
      /Date\.now|performance|setTimeout|setInterval|new Date|process\./,
      file,
    )
})

t.test(
  'walls › a check imports core, env-file, postgres, the schema vocabulary and its own folder',
  async t => {
    const shared = new Set(['schema.ts', 'checks/context.ts', 'version.ts', 'describe-error.ts'])
    const own = (to: string, from: string) => to.startsWith(`${from.split('/').slice(0, 2).join('/')}/`)
    const isPackage = (to: string) => !to.endsWith('.ts')
    const isCheck = (from: string) => from.split('/').length > 2 && from.startsWith('checks/')
    t.strictSame(
      broken(
        isCheck,
        (to, from) =>
          isPackage(to) || shared.has(to) || isIn('core', 'env-file', 'postgres')(to) || own(to, from),
      ),
      [],
    )
  },
)

t.test('walls › nobody imports daemon.ts but main.ts and cli/', async t => {
  const others = (from: string) => from !== 'main.ts' && !from.startsWith('cli/')
  t.strictSame(
    broken(others, to => to !== 'daemon.ts'),
    [],
  )
})
