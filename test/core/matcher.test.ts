import t from 'tap'
import { parseMatcher } from '../../src/core/matcher.ts'

const matches = (text: string, subject: string) => parseMatcher(text)?.matches(subject)

t.test('matcher › text must be contained, to the letter', async t => {
  t.equal(matches('Welcome', 'Welcome home'), true)
  t.equal(matches('Welcome', 'welcome home'), false)
  t.equal(matches('a.c', 'abc'), false)
  t.equal(matches('/', 'a/b'), true)
  t.equal(matches('/static', 'a/static/b'), true)
})

t.test('matcher › between slashes is a regular expression, with flags after it', async t => {
  t.equal(matches('/a.c/', 'xabcx'), true)
  t.equal(matches('/^A.C$/im', 'x\nabc'), true)
  t.equal(matches('/a\nb/', 'a\nb'), true)
})

t.test('matcher › a regular expression means the same each time', async t => {
  const matcher = parseMatcher('/a/i')
  t.equal(matcher?.matches('a'), true)
  t.equal(matcher?.matches('a'), true)
  t.equal(parseMatcher('/a/g')?.matches('xa'), false, 'g and y keep a place between calls, so this is text')
})

t.test('matcher › a regular expression that is none is undefined', async t => {
  t.equal(parseMatcher('/(/'), undefined)
  t.equal(parseMatcher('/a/uv'), undefined)
})
