import t from 'tap'
import {
  isPackage,
  migrationModules,
  migrationModulesBefore21,
  migrationNames,
} from '../../../../src/checks/migrations/django/module-names.ts'

const names = (files: string[], packages: string[] = []) =>
  migrationModules(files, new Set(packages))
    .map(({ name }) => name)
    .sort()

t.test('discovery › a migration is any module, whatever its name', async t => {
  t.strictSame(names(['__init__.py', '0001_initial.py', '0002-hyphen.py', 'later.py']), [
    '0001_initial',
    '0002-hyphen',
    'later',
  ])
})

t.test('discovery › bytecode without source and extension modules count', async t => {
  t.strictSame(names(['0006.pyc', '0007.so', '0008.abi3.so', '0009.cpython-311-x86_64-linux-gnu.so']), [
    '0006',
    '0007',
    '0008',
    '0009',
  ])
})

t.test('discovery › of several files of one module, the one that Python imports is meant', async t => {
  const [module, ...others] = migrationModules(['0001.pyc', '0001.py'], new Set())
  t.match(module, { name: '0001', file: '0001.py', form: 'source' })
  t.strictSame(others, [])
  t.match(migrationModules(['0001.py', '0001.so'], new Set()), [{ file: '0001.so', form: 'extension' }])
})

t.test('discovery › leaves out what Python or Django does not take for a migration', async t => {
  const others = [
    '_helpers.py',
    '~0001.py',
    '.hidden.py',
    '.py',
    '0002.x.py',
    '0003.PY',
    '0004.py~',
    'README',
  ]
  t.strictSame(names([...others, '__pycache__', '.#0001.py', '0005.pyo', '0006.opt-1.pyc']), [])
})

t.test('discovery › a package hides the module of its name, a plain directory does not', async t => {
  t.strictSame(names(['0004', '0004.py'], ['0004']), [])
  t.strictSame(names(['0004', '0004.py']), ['0004'])
})

t.test('discovery › before 2.1 source alone counts, and nothing hides it', async t => {
  const found = migrationModulesBefore21([
    '__init__.py',
    '0001.py',
    '0002.pyc',
    '0003.so',
    '_a.py',
    '~b.py',
    '.c.py',
  ])
  t.strictSame(
    found.map(({ name }) => name),
    ['0001'],
  )
  const directory = { files: ['0004', '0004.py', '0005.pyc'], packages: new Set(['0004']) }
  t.strictSame([...migrationNames([directory], '2.0.13')], ['0004'])
  t.strictSame([...migrationNames([directory], '2.1')], ['0005'])
})

t.test('discovery › of several directories of one package, the first to have a name decides', async t => {
  const first = { files: ['0001.py', '0002'], packages: new Set(['0002']) }
  const second = { files: ['0002.py', '0003.py'], packages: new Set<string>() }
  t.strictSame([...migrationNames([first, second], '5.2')].sort(), ['0001', '0003'])
})

t.test('a directory › is a package by its __init__, in whatever form', async t => {
  t.equal(isPackage(['__init__.py']), true)
  t.equal(isPackage(['__init__.pyc']), true)
  t.equal(isPackage(['__init__.txt', '0001.py']), false)
})
