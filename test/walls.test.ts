import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'

interface Import {
  readonly from: string
  readonly to: string
}

/** `import … from`, `export … from`, `import '…'`, `import('…')` and the type `import('…').X`. */
const SPECIFIER = /\b(?:from|import)\s*\(?\s*['"`]([^'"`]+)['"`]/g

/** Every import of a source text, as paths from `src/`; packages and Node's modules by their name. */
const importsOf = (from: string, text: string): readonly Import[] =>
  Array.from(text.matchAll(SPECIFIER), ([, name = '']) => ({
    from,
    to: name.startsWith('.') ? normalize(join(dirname(from), name)) : name,
  }))

const imports: readonly Import[] = globSync('src/**/*.ts').flatMap(file =>
  importsOf(file.slice('src/'.length), readFileSync(file, 'utf8')),
)

const broken = (applies: (from: string) => boolean, allows: (to: string, from: string) => boolean) =>
  imports
    .filter(({ from, to }) => applies(from) && !allows(to, from))
    .map(({ from, to }) => `${from} imports ${to}`)

const isIn =
  (...folders: string[]) =>
  (path: string) =>
    folders.some(folder => path.startsWith(`${folder}/`))

const isPackage = (path: string) => !path.endsWith('.ts') && !path.startsWith('.')

/** A folder, or a file at the top. */
const roomOf = (path: string) => path.split('/', 1)[0] ?? path

/** From the ground up: a room imports only from itself and from rooms below it. */
const ROOMS = [
  'lib',
  'schema',
  'core',
  'python',
  'files',
  'env-file',
  'connect',
  'postgres',
  'checks',
  'monitor',
  'config',
  'log',
  'status',
  'systemd',
  'host',
  'history',
  'peers',
  'metrics',
  'probes',
  'page',
  'replay',
  'http',
  'configured-monitor.ts',
  'in-force.ts',
  'configured-peers.ts',
  'observers.ts',
  'reload.ts',
  'daemon-status.ts',
  'daemon.ts',
  'cli',
  'main.ts',
]

t.test('walls › every form of import is seen', async t => {
  const text = `
    import './a.ts'
    import type { B } from './b.ts'
    export { c } from "./c.ts"
    const d = await import('./d.ts')
    type E = typeof import(\`./e.ts\`)`
  t.strictSame(
    importsOf('x/y.ts', text).map(({ to }) => to),
    ['x/a.ts', 'x/b.ts', 'x/c.ts', 'x/d.ts', 'x/e.ts'],
  )
  t.ok(imports.length > 100)
  t.ok(imports.some(({ from, to }) => from === 'main.ts' && to === 'cli/run.ts'))
})

t.test('walls › no import is computed, so that none is hidden', async t => {
  for (const file of globSync('src/**/*.ts'))
    t.notMatch(readFileSync(file, 'utf8'), /\bimport\s*\(\s*(?!['"])|\brequire\s*\(|createRequire/, file)
})

t.test('walls › no room imports from a room above it', async t => {
  const present = new Set(imports.map(({ from }) => roomOf(from)))
  t.strictSame([...present].filter(room => !ROOMS.includes(room)).sort(), [], 'every room has a place')
  const height = (path: string) => ROOMS.indexOf(roomOf(path))
  t.strictSame(
    broken(
      () => true,
      (to, from) => isPackage(to) || height(to) <= height(from),
    ).filter(line => !line.includes('imports ../package.json')),
    [],
  )
})

t.test('walls › no file imports itself by way of others', async t => {
  const next = new Map<string, string[]>()
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to])
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file].join(' → '))
    if (done.has(file) || trail.includes(file)) return
    for (const to of next.get(file) ?? []) visit(to, [...trail, file])
    done.add(file)
  }
  for (const file of next.keys()) visit(file, [])
  t.strictSame(cycles, [])
})

t.test('walls › core imports only core, and no package', async t => {
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

t.test('walls › the monitor imports only core, and helpers that know nothing of the product', async t => {
  t.strictSame(
    broken(isIn('monitor'), to => isPackage(to) || isIn('core', 'lib', 'monitor')(to)),
    [],
  )
})

t.test('walls › a check imports core, the shared rooms and its own folder', async t => {
  const shared = isIn('core', 'lib', 'schema', 'python', 'files', 'env-file', 'connect', 'postgres')
  const own = (to: string, from: string) => to.startsWith(`${from.split('/').slice(0, 2).join('/')}/`)
  const isCheck = (from: string) => from.split('/').length > 2 && from.startsWith('checks/')
  t.strictSame(
    broken(isCheck, (to, from) => isPackage(to) || to === 'checks/context.ts' || shared(to) || own(to, from)),
    [],
  )
})

t.test('walls › files are read through files/, as any other may be on a dead file system', async t => {
  const own = [
    'cli/env-discover.ts', // a command for a build
    'cli/serve.ts', // its own name, in /proc
    'config/default-config.ts', // its own source; in the bundle it is a text
    'http/listen.ts', // its own sockets
    'http/listeners.ts', // the directory of its admin socket
    'lib/leave.ts', // its own standard streams
    'log/', // its own log files
    'page/own-texts.ts', // its own sources; in the bundle they are texts
  ]
  const isOther = (from: string) => !isIn('files')(from) && !own.some(path => from.startsWith(path))
  t.strictSame(
    broken(isOther, to => !/^node:fs\b/.test(to)),
    [],
  )
})

t.test('walls › log and status know nothing of http', async t => {
  t.strictSame(
    broken(isIn('log', 'status'), to => !isIn('http')(to)),
    [],
  )
})

t.test('walls › nobody imports daemon.ts but main.ts and cli/', async t => {
  const others = (from: string) => from !== 'main.ts' && !from.startsWith('cli/')
  t.strictSame(
    broken(others, to => to !== 'daemon.ts'),
    [],
  )
})
