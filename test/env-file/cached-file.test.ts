import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createCachedFile } from '../../src/env-file/cached-file.ts'

const create = (t: { teardown(fn: () => void): unknown }) => {
  const dir = mkdtempSync(join(tmpdir(), 'cached-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  const path = join(dir, 'file')
  writeFileSync(path, 'one')
  const parsed: string[] = []
  const parse = (text: string) => {
    parsed.push(text)
    return text
  }
  return { path, parsed, parse }
}

t.test('createCachedFile › reads and parses a file again only when it has changed', async t => {
  const { path, parsed, parse } = create(t)
  const file = createCachedFile(path, parse, { wallClock: () => Date.now() + 60_000 })
  t.match(await file.read(), { ok: true, content: 'one' })
  t.match(await file.read(), { ok: true, content: 'one' })
  t.strictSame(parsed, ['one'])
  writeFileSync(path, 'two')
  utimesSync(path, 0, 0)
  t.match(await file.read(), { ok: true, content: 'two' })
  t.strictSame(parsed, ['one', 'two'])
})

t.test('createCachedFile › does not trust the stamp of a file that was written a moment ago', async t => {
  const { path, parsed, parse } = create(t)
  const file = createCachedFile(path, parse)
  await file.read()
  await file.read()
  t.strictSame(parsed, ['one', 'one'])
})

t.test('createCachedFile › callers at the same time share one reading', async t => {
  const { path, parsed, parse } = create(t)
  const file = createCachedFile(path, parse)
  await Promise.all([file.read(), file.read(), file.read()])
  t.strictSame(parsed, ['one'])
})
