import t from 'tap'
import { clip, clipRows } from '../../src/cli/clip.ts'

t.test('clip › colours take no place, and end with the line', async t => {
  t.equal(clip('abcdef', 4), 'abcd')
  t.equal(clip('abcd', 4), 'abcd')
  t.equal(clip('\u001b[31mabc\u001b[39mdef', 4), '\u001b[31mabc\u001b[39md\u001b[0m')
  t.equal(clip('\u001b[31mabc\u001b[39m', 3), '\u001b[31mabc\u001b[39m')
  t.equal(clip('🔑🔑🔑', 2), '🔑🔑', 'no half of a character')
})

t.test('clip rows › counts what does not fit', async t => {
  t.strictSame(clipRows(['a', 'b', 'c'], 3), ['a', 'b', 'c'])
  t.strictSame(clipRows(['a', 'b', 'c', 'd'], 3), ['a', 'b', '… 2 more lines'])
})
