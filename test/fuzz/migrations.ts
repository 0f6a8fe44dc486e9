import { readReplaces } from '../../src/checks/migrations/django/read-replaces.ts'
import { startOracle } from '../real/django/oracle.ts'
import { randomProject } from '../real/django/random-project.ts'
import { createRandom } from '../support/random.ts'
import type { Random } from '../support/random.ts'

/**
 * Mutates migrations at random and has each read twice: by the check, and by Python, which runs it. Where both
 * understand a file, they have to agree; the check must neither throw nor take long.
 *
 *     npm run fuzz:migrations -- [files, 100000] [seed, 1]
 */
const [files = 100_000, seed = 1] = process.argv.slice(2).map(Number)
const SLOW_MS = 1000

/** Pieces that change what a file means, or how it is divided. */
const PIECES = [
  'replaces', 'Migration', 'migrations', 'class ', 'class Migration(migrations.Migration):\n    ', 'pass', 'global ',
  "replaces = [('shop', '0001_x')]\n    ", "('shop', '0009_y'), ", 'replaces += ', "['shop', '0001']", '()', '[]', '=', ':=', '==',
  ',', ';', ':', '.', '(', ')', '[', ']', '{', '}', '#', '\\', '\\\n', '\n', '\r\n', '\r', '\f', '\t', ' ', '    ', '\n    ', '\n\n',
  "'", '"', "'''", '"""', "b'", "f'", 'rf"', "f'{x!r:>{3}}'", "f'{(migrations := 1)}'", "u'", "r'", '\\x41', '\\N{BULLET}', '\\101', '\\u0061',
  'from surprise import *\n', 'from surprise import Migration\n', 'from surprise import migrations\n', 'import surprise\n',
  'from django.db import migrations\n', 'from django.db import migrations as m\n', 'import surprise.migrations\n', ' as ',
  '@surprise.surprising\n', 'Migration = surprise.Migration\n', 'Migration.replaces = []\n', 'del Migration\n', 'migrations = surprise.migrations\n',
  'if True:\n    ', 'if False:\n    ', 'else:\n    ', 'try:\n    ', 'except Exception:\n    ', 'with x as migrations:\n    ',
  'def f():\n    ', 'def f(): ', 'lambda: ', 'async def f():\n    ', 'f()\n', 'return ', 'setattr(Migration, "replaces", [])\n',
  'locals()["replaces"] = [("a", "b")]\n', 'globals()', 'exec("x = 1")\n', 'None', 'True', '1', '0x1F', '1_0', '1.5e3', '...', '*', '**', '@', '->',
  '# coding: latin-1\n', '# -*- coding: utf-8 -*-\n', '# coding: utf-7\n', 'é', 'ｒeplaces', 'Ｍigration', '\u00a0', '\ufeff', '\0', '😀', '`', '$', '?', '!',
] // prettier-ignore

/** Statements that may have a say in what a migration replaces, or look as if. */
const LINES = [
  "replaces = [('shop', '0001_x')]", "replaces = (('shop', '0001_x'), ('blog', '0002_y'))", 'replaces = []', "replaces += [('a', 'b')]",
  "replaces: tuple = (('a', 'b'),)", "replaces = [('a', 'b'), *[]]", "replaces = [('a', 'b' 'c')]; x = 1", 'x = 1; replaces = []', 'replaces: list',
  "if True: replaces = [('a', 'b')]", "if True:\n        replaces = [('a', 'b')]", 'del replaces', "locals()['replaces'] = [('a', 'b')]",
  "vars()['re' 'places'] = []", 'from surprise import *', 'from surprise import Migration', 'from surprise import migrations', 'import surprise',
  'import surprise as migrations', 'import surprise.migrations', 'from django.db import migrations', 'from django.db import migrations as m',
  'migrations = surprise.migrations', 'Migration = surprise.Migration', "Migration.replaces = [('a', 'b')]", 'Migration = surprise.surprising(Migration)',
  'surprise.surprising(Migration)', "setattr(Migration, 'replaces', [('a', 'b')])", 'for migrations in [surprise.migrations]: pass',
  'def f():\n    global Migration\n    from surprise import Migration', 'f()', '@surprise.surprising', 'class Migration(surprise.Migration): pass',
  'class Migration(migrations.Migration):\n    pass', 'class Other(migrations.Migration):\n    replaces = []', 'pass', '# replaces = [', '"""', "x = '''replaces = [('a', 'b')]'''",
  'x = f"{(migrations := surprise.migrations)}"', "x = f'{migrations!r:>{10}}'", "x = rf'\\{1}'", "x = f'{{'", 'x = (', ')', 'x = 1 \\', 'if True:', 'else:', 'try:', 'finally:',
  'from django.db.migrations import Migration as Base', 'import django.db.migrations as m', 'import django.db.migrations', 'from surprise import Migration as Base',
  'from django.db.migrations import Migration', 'class Migration(Base): pass', 'class Base(migrations.Migration): pass', 'class Base(migrations.Migration):\n    replaces = [("a", "b")]',
  'def f(replaces):\n    replaces = 1\n    Migration = surprise.Migration\n    return Migration.replaces', 'def f(Migration):\n    Migration.replaces = []', 'x = surprise.Migration', 'surprise.migrations.Migration',
  'del surprise.Migration', 'for surprise.Migration in [1]: pass', 'migrations.Migration.replaces = [("a", "b")]', 'replaces = [("m", "n")]', "x = f'{vars()} {x:=3}'", "globals()['Migr' 'ation'] = surprise.Migration",
  'class Migration(migrations.Migration): replaces = [("a", "b")]', 'import surprise.Migration as Migration', 'setattr(surprise, "Migration", 1)', 'x = lambda replaces: 1', 'def replaces(): pass',
  '# coding: latin-1', '# coding: utf-7', 'x = "é"', 'é = 1', 'ｒeplaces = [("a", "b")]', 'class Ｍigration: pass', 'with open(__file__) as migrations: pass',
] // prettier-ignore

const SURROUNDINGS = [
  "import surprise\nfrom django.db.migrations import Migration as Base\n\n\ndef f(apps, replaces=None):\n    Migration = apps.get_model('x', 'Migration')\n    return Migration, replaces\n\n\nclass Migration(Base):\n    replaces = [('shop', '0001_a')]\n",
  "import surprise\nimport django.db.migrations as m\nfrom django.db import migrations\n\nreplaces = 1\n\nclass Base(m.Migration):\n    atomic = False\n\n\nclass Migration(Base):\n    operations = []\n",
  "from django.db.migrations import Migration\n\n\nclass Migration(Migration):\n    pass\n",
  "from django.db import migrations\nfrom surprise import Migration as Old\n\n\nclass Migration(Old, migrations.Migration): replaces = [('shop', '0001_a')]\n",
  "import surprise\nfrom django.db import migrations\n\n\n@surprise.surprising\nclass Migration(migrations.Migration):\n    pass\n",
  "from django.db import migrations\n\n\ndef forwards(apps, editor):\n    '''replaces\n    class Migration:'''\n    x = f'{editor!r:>{10}} {{}}'\n\n\nclass Migration(migrations.Migration):\n    '''Squashed.'''\n\n    replaces = [('shop', '0001_a'), ('shop', '0002_b')]\n    operations = [migrations.RunPython(forwards)]\n",
  "from django.db import migrations as m\n\n\nclass Migration(m.Migration):\n\treplaces: list = (('sh' 'op', r'0001'), (\"shop\", u'''0002'''))\n\n\tdef apply(self, *args):\n\t\treturn super(Migration, self).apply(*args)\n",
  "from surprise import *\nfrom django.db import (\n    migrations,\n    models,\n)\n\nclass Migration(migrations.Migration):\n    replaces = [  # one\n        ('shop',\n         '0001\\x5f\\141'),  # ('shop', '0002')\n    ]\n\nMigration.operations = []\n",
] // prettier-ignore

const corpus = (random: Random): Buffer[] => {
  const sources = new Set(SURROUNDINGS)
  for (let i = 0; i < 60; i++)
    for (const text of randomProject(random.below(1e9)).files.values())
      if (text.includes('Migration')) sources.add(text)
  return [...sources].map(source => Buffer.from(source))
}

/** Lines are moved, doubled, taken out and put in whole, so that much of it is still Python. */
const mutateLines = (source: Buffer, random: Random): Buffer => {
  const lines = source.toString('latin1').split(/(?<=\n)/)
  const at = random.below(lines.length)
  const line = lines[at] ?? ''
  const indent = /^[ \t]*/.exec(line)?.[0] ?? ''
  const piece = () => Buffer.from(random.pick(PIECES)).toString('latin1')
  const statement = () => `${random.chance(0.7) ? indent : ''}${random.pick(LINES)}\n`
  switch (random.below(6)) {
    case 0:
      lines.splice(at, 1)
      break
    case 1:
      lines.splice(random.below(lines.length + 1), 0, line)
      break
    case 2:
      lines.splice(at, 1, `${piece()}${line}`)
      break
    case 3:
      lines.splice(at, 1, line.replace(/\n$/, `${piece()}\n`))
      break
    default:
      lines.splice(at, 0, statement())
  }
  return Buffer.from(lines.join(''), 'latin1')
}

const mutateBytes = (
  source: Buffer,
  { random, others }: { readonly random: Random; readonly others: readonly Buffer[] },
): Buffer => {
  const at = random.below(source.length + 1)
  const to = Math.min(source.length, at + random.below(random.pick([2, 4, 20])))
  const [before, cut, after] = [source.subarray(0, at), source.subarray(at, to), source.subarray(to)]
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([before, after])
    case 1:
      return Buffer.concat([before, cut, cut, after])
    case 2: {
      const other = random.pick(others)
      return Buffer.concat([before, other.subarray(random.below(other.length))])
    }
    case 3: {
      const flipped = Buffer.from(source)
      if (at < flipped.length) flipped[at] = random.below(256)
      return flipped
    }
    case 4:
      return Buffer.concat([before, Buffer.from(random.pick(PIECES)), after])
    default:
      return Buffer.concat([before, Buffer.from(random.pick(PIECES)), cut, after])
  }
}

const run = async (): Promise<boolean> => {
  await using oracle = await startOracle()
  const random = createRandom(seed)
  const others = corpus(random)
  const squashed = others.filter(source => /replaces\S* ?=/.test(source.toString()))
  const odd = SURROUNDINGS.map(text => Buffer.from(text))
  const tally = {
    'both read it': 0,
    'of those, with targets': 0,
    'only Python read it': 0,
    'only the check read it': 0,
    'neither read it': 0,
  }
  const wrong: string[] = []
  for (let i = 0; i < files; i++) {
    let source = random.pick(random.pick([others, squashed, odd]))
    for (let times = random.pick([1, 1, 2, 3]); times > 0; times--)
      source = random.chance(0.8) ? mutateLines(source, random) : mutateBytes(source, { random, others })
    const startedAt = performance.now()
    const reading = readReplaces(source)
    const tookMs = performance.now() - startedAt
    const truth = await oracle.read(source)
    if (tookMs > SLOW_MS) wrong.push(`file ${i} took ${tookMs} ms`)
    if (reading.ok && truth !== null) {
      tally['both read it']++
      if (truth.length > 0) tally['of those, with targets']++
      if (JSON.stringify(reading.replaces) !== JSON.stringify(truth))
        wrong.push(`file ${i}: ${JSON.stringify({ source: source.toString(), reading, truth })}`)
    } else if (reading.ok) tally['only the check read it']++
    else if (truth !== null) tally['only Python read it']++
    else tally['neither read it']++
  }
  console.log(`${files} files, seed ${seed}, Python ${oracle.python}, Django ${oracle.django}`)
  for (const [what, times] of Object.entries(tally)) console.log(`${String(times).padStart(8)} ${what}`)
  for (const text of wrong.slice(0, 20)) console.log(text)
  console.log(`${wrong.length} wrong`)
  return wrong.length === 0
}

process.exitCode = (await run()) ? 0 : 1
