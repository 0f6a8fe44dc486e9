import t from 'tap'
import { replace } from '../../../../src/checks/migrations/django/replacement.ts'
import type { NestedSquashes } from '../../../../src/checks/migrations/django/replacement.ts'

const pending = (
  shipped: Record<string, readonly string[]>,
  rows: readonly string[],
  nested: NestedSquashes = 'undefined',
) => {
  const replaced = replace(new Map(Object.entries(shipped)), new Set(rows), nested)
  return replaced.ok ? [...replaced.nodes].filter(key => !replaced.applied.has(key)) : replaced.cause
}

t.test('replacement › without squashes, what has no row is pending', async t => {
  t.strictSame(pending({ 'a.1': [], 'a.2': [] }, ['a.1', 'b.9']), ['a.2'])
})

t.test('replacement › all targets applied: the squash is applied, though it has no row', async t => {
  t.strictSame(pending({ 'a.1': [], 'a.2': [], 'a.s': ['a.1', 'a.2'] }, ['a.1', 'a.2']), [])
  t.strictSame(pending({ 'a.s': ['a.1', 'a.2'] }, ['a.1', 'a.2']), [], 'and need not be shipped any more')
})

t.test('replacement › no target applied: the squash takes their place', async t => {
  t.strictSame(pending({ 'a.1': [], 'a.2': [], 'a.s': ['a.1', 'a.2'] }, []), ['a.s'])
})

t.test('replacement › a row of the squash alone does not count', async t => {
  t.strictSame(pending({ 'a.s': ['a.1', 'a.2'] }, ['a.s']), ['a.s'])
})

t.test('replacement › some targets applied: the squash is out of it, and the rest is pending', async t => {
  t.strictSame(pending({ 'a.1': [], 'a.2': [], 'a.s': ['a.1', 'a.2'] }, ['a.1', 'a.s']), ['a.2'])
})

t.test('replacement › some targets applied and the rest no longer shipped is said', async t => {
  const shipped = new Map([['a.s', ['a.1', 'b.2']]])
  const replaced = replace(shipped, new Set(['a.1']), 'undefined')
  t.match(replaced, { ok: true, incomplete: [{ squashed: 'a.s', missing: ['b.2'] }] })
})

t.test('replacement › some targets applied and the rest shipped: nothing is incomplete', async t => {
  const shipped = new Map([
    ['a.s', ['a.1', 'a.2']],
    ['a.2', []],
  ])
  t.match(replace(shipped, new Set(['a.1']), 'undefined'), { ok: true, incomplete: { length: 0 } })
})

const nested = { 'a.t': ['a.s', 'a.3'], 'a.s': ['a.1', 'a.2'], 'a.1': [], 'a.2': [], 'a.3': [] }

t.test('replacement › nested squashes have no fixed answer before Django 6.0', async t => {
  t.equal(pending(nested, []), 'nested')
  t.equal(pending(nested, ['a.1'], 'undefined'), 'nested')
})

t.test('replacement › of nested squashes, the outer one is named', async t => {
  const shipped = new Map([
    ['a.t', ['a.s']],
    ['a.s', ['a.r']],
    ['a.r', ['a.1']],
  ])
  t.match(replace(shipped, new Set(), 'undefined'), { ok: false, nested: 'a.t' })
})

t.test('replacement › nested squashes are resolved from within since Django 6.0', async t => {
  t.strictSame(pending(nested, [], 'ordered'), ['a.t'])
  t.strictSame(pending(nested, ['a.1', 'a.2', 'a.3'], 'ordered'), [])
  t.strictSame(pending(nested, ['a.1', 'a.2'], 'ordered'), ['a.3'])
  t.strictSame(pending(nested, ['a.1'], 'ordered'), ['a.2', 'a.3'])
})

t.test('replacement › squashes that replace each other are an error of Django', async t => {
  t.equal(pending({ 'a.s': ['a.t'], 'a.t': ['a.s'] }, [], 'ordered'), 'cycle')
  t.equal(pending({ 'a.s': ['a.s'] }, [], 'ordered'), 'cycle')
  t.equal(pending({ 'a.s': ['a.s'] }, []), 'nested')
})

t.test('replacement › a ladder of squashes that share their targets ends', async t => {
  const ladder: Record<string, readonly string[]> = {}
  for (let i = 1; i <= 60; i++) ladder[`a.${i}`] = [`a.${i - 1}`, `a.${Math.max(0, i - 2)}`]
  t.strictSame(pending(ladder, ['a.0'], 'ordered'), [])
})
