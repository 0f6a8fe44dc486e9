import t from 'tap'
import { has, isListOf, isMappingOf, isNumber, isOneOf, isText, optional } from '../../src/lib/shape.ts'

t.test('shape › a mapping has what is named, whatever else it has', async t => {
  const isPerson = has({ name: isText, age: optional(isNumber) })
  t.ok(isPerson({ name: 'Ann', colour: [] }))
  t.ok(isPerson({ name: 'Ann', age: 7 }))
  for (const value of [{}, { name: 7 }, { name: 'Ann', age: '7' }, [], null, 'Ann']) t.notOk(isPerson(value))
})

t.test('shape › of a mapping of one kind, only the named members may be of another', async t => {
  const isSource = isMappingOf(isNumber, { time: isText })
  t.ok(isSource({ time: 'now', probes: 1 }))
  for (const value of [{ probes: 1 }, { time: 'now', probes: '1' }, { time: 1 }, []]) t.notOk(isSource(value))
  t.ok(isMappingOf(isNumber)({}))
  t.notOk(isMappingOf(isNumber)(JSON.parse('{ "constructor": "x" }')), 'whatever its members are called')
})

t.test('shape › a list, a word and a number', async t => {
  t.ok(isListOf(isOneOf('a', 1))(['a', 1]))
  t.notOk(isListOf(isOneOf('a', 1))(['a', '1']))
  t.notOk(isListOf(isText)({ 0: 'a', length: 1 }))
  t.notOk(isNumber(Number.NaN))
})
