import t from 'tap'
import { createViolations } from '../../../src/checks/env/find-violations.ts'

const violationsOf = (schema: object, values: Readonly<Record<string, string>>) =>
  createViolations(JSON.stringify(schema))(new Map(Object.entries(values)))

t.test("env › a boolean is whatever word the app's libraries take for one", async t => {
  const violations = createViolations(JSON.stringify({ properties: { DEBUG: { type: 'boolean' } } }))
  const read = (word: string) => violations(new Map([['DEBUG', word]]))
  const words = 'true True TRUE 1 on yes Y ok false False 0 off no f'
  for (const word of words.split(' ')) t.strictSame(read(word), [], word)
  for (const word of ['2', 'maybe', 'truth', 'constructor'])
    t.match(read(word), [{ kind: 'invalid', name: 'DEBUG', rule: 'must be boolean' }], word)
})

t.test('env › a rule that quotes a long pattern is told in part', async t => {
  const pattern = `^${'a'.repeat(10_000)}$`
  const [violation] = violationsOf({ properties: { A: { type: 'string', pattern } } }, { A: 'x' })
  t.equal(violation?.rule.length, 301)
  t.match(violation?.rule, /^must match pattern "\^aaa/)
})
