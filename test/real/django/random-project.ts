import { createRandom } from '../../support/random.ts'
import type { Random } from '../../support/random.ts'

type Key = readonly [app: string, name: string]

interface Node {
  readonly key: Key
  readonly dependencies: Key[]
  readonly runBefore: Key[]
  readonly replaces: Key[]
  onDisk: boolean
}

/** A Django project by chance, and the rows of its database. */
export interface RandomProject {
  /** Labels of its apps; each has a directory of that name. */
  readonly apps: readonly string[]
  /** Text by path: `shop/migrations/0001_x.py`. */
  readonly files: ReadonlyMap<string, string>
  /** Those of the files that are to be there as bytecode alone. */
  readonly compiled: readonly string[]
  readonly rows: readonly Key[]
  /** What the project has that Django and the check are known to see differently, or not at all. */
  readonly has: { readonly nested: boolean; readonly namespace: boolean; readonly partialSquash: boolean }
}

export const randomProject = (seed: number): RandomProject => {
  const random = createRandom(seed)
  const apps = ['shop', 'blog', 'Auth', 'core_x'].slice(0, 1 + random.below(4))
  const nodes = apps.flatMap(app => history(app, random))
  addCrossDependencies(nodes, random)
  const squashes: Node[] = []
  while (random.chance(0.45) && squashes.length < 4) {
    const squash = squashOf(nodes, squashes, random)
    if (squash) squashes.push(squash)
  }
  const all = [...nodes, ...squashes]
  deleteReplaced(all, squashes, random)
  const compiled: string[] = []
  const files = filesOf(apps, all, { random, compiled })
  const namespace = random.chance(0.02)
  if (namespace) files.delete(`${random.pick(apps)}/migrations/__init__.py`)
  const nested = squashes.some(({ replaces }) =>
    replaces.some(target => squashes.some(({ key }) => isSame(key, target))),
  )
  const rows = rowsOf(all, random)
  const partialSquash = squashes.some(({ replaces }) => {
    const applied = replaces.filter(target => rows.some(row => isSame(row, target)))
    return applied.length > 0 && applied.length < replaces.length
  })
  return { apps, files, compiled, rows, has: { nested, namespace, partialSquash } }
}

const isSame = (a: Key, b: Key): boolean => a[0] === b[0] && a[1] === b[1]

const WORDS = ['initial', 'price', 'auto_20260101_1200', 'x-y', 'add_field', 'Upper', 'replaces', 'é']

/** A line of migrations that sometimes branches, and mostly merges again. */
const history = (app: string, random: Random): Node[] => {
  const nodes: Node[] = []
  let leaves: Key[] = []
  const count = random.below(9)
  for (let i = 1; i <= count; i++) {
    const key: Key = [app, `${String(i).padStart(4, '0')}_${random.pick(WORDS)}`]
    const merges = leaves.length > 1 && random.chance(0.5)
    const earlier = nodes.map(node => node.key)
    const parents = merges
      ? leaves
      : earlier.length > 0 && random.chance(0.2)
        ? [random.pick(earlier)]
        : leaves.slice(0, 1)
    const dependencies = i > 1 && random.chance(0.03) ? [] : [...parents]
    leaves = [...leaves.filter(leaf => !dependencies.some(parent => isSame(parent, leaf))), key]
    nodes.push({ key, dependencies, runBefore: [], replaces: [], onDisk: true })
  }
  return nodes
}

const addCrossDependencies = (nodes: readonly Node[], random: Random): void => {
  for (const [i, node] of nodes.entries()) {
    // upon what is further up alone, so that there is seldom a circle
    const others = nodes.slice(0, i).filter(({ key }) => key[0] !== node.key[0])
    if (others.length > 0 && random.chance(0.2)) node.dependencies.push(random.pick(others).key)
    if (others.length > 0 && random.chance(0.05))
      node.dependencies.push([random.pick(others).key[0], '__first__'])
    const later = nodes.slice(i + 1).filter(({ key }) => key[0] !== node.key[0])
    if (later.length > 0 && random.chance(0.06)) node.runBefore.push(random.pick(later).key)
  }
}

/** A squashed migration over a stretch of an app's history, or over other squashed ones. */
const squashOf = (nodes: readonly Node[], squashes: readonly Node[], random: Random): Node | undefined => {
  if (nodes.length === 0) return undefined
  const [app] = random.pick(nodes).key
  const own = nodes.filter(({ key }) => key[0] === app)
  const from = random.below(own.length)
  const stretch = own.slice(from, from + 1 + random.below(4))
  const replaces = stretch.map(({ key }) => key)
  const nestable = squashes.filter(({ key }) => key[0] === app)
  if (nestable.length > 0 && random.chance(0.4)) replaces.push(random.pick(nestable).key)
  if (random.chance(0.08)) replaces.push(random.pick(nodes).key)
  if (random.chance(0.05)) replaces.push(['gone', '0001_initial'])
  const dependencies = stretch
    .flatMap(node => node.dependencies)
    .filter(target => target[1] !== '__first__' && !replaces.some(replaced => isSame(replaced, target)))
  const key: Key = [app, `${replaces[0]?.[1].slice(0, 4)}_squashed_${squashes.length}`]
  return { key, dependencies, runBefore: [], replaces, onDisk: true }
}

/** Takes away files that a squashed migration replaces, and mostly lets what depended on them depend on it. */
const deleteReplaced = (nodes: readonly Node[], squashes: readonly Node[], random: Random): void => {
  for (const squash of squashes) {
    if (!random.chance(0.4)) continue
    const some = random.chance(0.3)
    for (const target of squash.replaces) {
      const node = nodes.find(({ key }) => isSame(key, target))
      if (!node || node.replaces.length > 0 || (some && random.chance(0.5))) continue
      node.onDisk = false
      if (random.chance(0.05)) continue
      for (const other of nodes) {
        const at = other.dependencies.findIndex(parent => isSame(parent, target))
        if (at >= 0 && other !== squash) other.dependencies[at] = squash.key
        const before = other.runBefore.findIndex(child => isSame(child, target))
        if (before >= 0) other.runBefore.splice(before, 1)
      }
    }
  }
}

/** Everything, nothing, a part by chance, or a part as it would have been applied; sometimes what nobody ships. */
const rowsOf = (nodes: readonly Node[], random: Random): Key[] => {
  const kind = random.below(5)
  const share = random.pick([0.2, 0.5, 0.8, 0.95])
  const upTo = random.below(nodes.length + 1)
  const rows = nodes
    .filter((node, i) => {
      if (kind === 0) return node.replaces.length === 0 || random.chance(0.5)
      if (kind === 1) return random.chance(0.02)
      return kind === 2 ? i < upTo && node.replaces.length === 0 : random.chance(share)
    })
    .map(({ key }) => key)
  if (random.chance(0.2)) rows.push(['gone', '0001_initial'])
  if (random.chance(0.1)) rows.push([nodes[0]?.key[0] ?? 'gone', '9999_newer'])
  if (rows.length > 0 && random.chance(0.1)) rows.push(random.pick(rows))
  return rows
}

const filesOf = (
  apps: readonly string[],
  nodes: readonly Node[],
  { random, compiled }: { readonly random: Random; readonly compiled: string[] },
): Map<string, string> => {
  const files = new Map<string, string>()
  for (const app of apps) {
    files.set(`${app}/__init__.py`, '')
    for (const [name, text] of Object.entries(MODULES)) files.set(`${app}/${name}`, text)
    const directory = `${app}/migrations`
    files.set(`${directory}/__init__.py`, '')
    const oddities = [
      '_helpers.py',
      '~backup.py',
      '.hidden.py',
      '0001.PY',
      'notes.txt',
      '0002.py~',
      '0003.x.txt',
      '.py',
    ]
    for (const name of oddities) if (random.chance(0.05)) files.set(`${directory}/${name}`, 'raise Exception')
    if (random.chance(0.05)) files.set(`${directory}/utils/__init__.py`, '')
    if (random.chance(0.05)) files.set(`${directory}/data/rows.csv`, '')
    if (random.chance(0.03)) files.set(`${directory}/__pycache__/0077_old.cpython-39.pyc`, '')
  }
  for (const node of nodes) {
    if (!node.onDisk) continue
    const path = `${node.key[0]}/migrations/${node.key[1]}.py`
    files.set(path, sourceOf(node, random))
    const hiding = path.slice(0, -'.py'.length)
    if (random.chance(0.01)) files.set(`${hiding}/${random.pick(['__init__.py', 'data.txt'])}`, '')
    else if (random.chance(0.003)) compiled.push(path)
  }
  return files
}

const quoted = (text: string, random: Random): string => {
  const prefix = random.pick(['', '', '', 'u', 'r', 'R'])
  if (random.chance(0.05)) return `${prefix}"""${text}"""`
  if (random.chance(0.05) && text.length > 3)
    return `${prefix}'${text.slice(0, 3)}' ${prefix}"${text.slice(3)}"`
  return random.chance(0.5) ? `${prefix}'${text}'` : `${prefix}"${text}"`
}

const tuples = (keys: readonly Key[], random: Random): string => {
  const separator = random.pick([', ', ',', ',\n        ', ', # x, (\n', ' , \\\n'])
  const items = keys.map(
    ([app, name]) => `(${quoted(app, random)}, ${quoted(name, random)}${random.pick(['', ','])})`,
  )
  return keys.length !== 1 && random.chance(0.3) && items.length > 0
    ? `(${items.join(separator)})`
    : `[${items.join(separator)}${items.length > 0 ? random.pick(['', ',']) : ''}]`
}

/** Modules of an app that its migrations may import. */
const MODULES = {
  'bases.py':
    'from django.db import migrations\n\n\nclass Irreversible(migrations.Migration):\n    atomic = False\n',
  'choices.py': 'from django.db.models import *\n\nCHOICES = []\n',
}

/** Other ways to come by the base class, or code that looks as if it changed what is replaced. */
const UNUSUAL = [
  { above: 'from django.db import migrations as m', base: 'm.Migration' },
  { above: 'from django.db.migrations import Migration as Base', base: 'Base' },
  { above: 'from django.db.migrations import Migration', base: 'Migration' },
  { above: 'import django.db.migrations', base: 'django.db.migrations.Migration' },
  { above: 'from ..bases import Irreversible', base: 'Irreversible' },
  { above: 'from .. import bases', base: 'bases.Irreversible' },
  { above: 'from django.db import migrations\nfrom ..choices import *', base: 'migrations.Migration' },
  {
    above: 'from django.db import migrations\n\n\nclass Base(migrations.Migration):\n    atomic = False',
    base: 'Base',
  },
  {
    above:
      'from django.db import migrations\n\n\ndef f(apps, replaces=None):\n    Migration = apps.get_model("x", "Migration")\n    return Migration, replaces, f"{apps!r} := {replaces:=^9}"',
    base: 'migrations.Migration',
  },
]

const sourceOf = (node: Node, random: Random): string => {
  const list = (keys: readonly Key[]) => `[${keys.map(([app, name]) => `('${app}', '${name}')`).join(', ')}]`
  const head = random.pick([
    '# Generated by Django 3.2 on 2026-01-01 12:00\n\n',
    '# -*- coding: utf-8 -*-\nfrom __future__ import unicode_literals\n\n',
    '"""What this Migration replaces."""\n',
    '',
  ])
  const imports = random.pick([
    'migrations',
    'migrations, models',
    'models, migrations',
    '(\n    migrations,\n    models,\n)',
  ])
  const replaces =
    node.replaces.length > 0
      ? `    replaces${random.pick([' ', '', ': list '])}= ${tuples(node.replaces, random)}\n\n`
      : random.pick(['', '', '', '', '    replaces = []\n', '    # replaces nothing\n'])
  const parts = [
    `    dependencies = ${list(node.dependencies)}\n\n`,
    replaces,
    node.runBefore.length > 0 ? `    run_before = ${list(node.runBefore)}\n` : '',
    '    operations = [\n    ]\n',
  ]
  const forward = random.chance(0.1) ? 'def forwards(apps, schema_editor):\n    pass  # Migration\n\n\n' : ''
  const { above, base } = random.chance(0.25)
    ? random.pick(UNUSUAL)
    : { above: `from django.db import ${imports}`, base: 'migrations.Migration' }
  const text = `${head}${above}\n\n\n${forward}class Migration(${base}):\n\n${parts.join('')}`
  return random.chance(0.05) ? text.replaceAll('\n', '\r\n') : text
}
