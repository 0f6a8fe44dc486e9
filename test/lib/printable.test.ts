import t from 'tap'
import { printable, printableValue } from '../../src/lib/printable.ts'

t.test('printable › escapes what commands a terminal, and leaves every other character', async t => {
  t.equal(
    printable('\u001b[2J\u0007a\tb\rc\u007f\u009b1m'),
    '\\u001b[2J\\u0007a\\u0009b\\u000dc\\u007f\\u009b1m',
  )
  t.equal(printable('a\u202eb\u2066c\u200fd\u061ce\u2028'), 'a\\u202eb\\u2066c\\u200fd\\u061ce\\u2028')
  t.equal(printable('zwei\nZeilen: é € 漢 🔑 „–“'), 'zwei\nZeilen: é € 漢 🔑 „–“')
})

t.test('printableValue › escapes every text of a JSON value, names and newlines included', async t => {
  t.strictSame(printableValue({ 'a\u001b': ['b\nc', { d: '\u009b' }], e: 1, f: null, g: undefined }), {
    'a\\u001b': ['b\\u000ac', { d: '\\u009b' }],
    e: 1,
    f: null,
  })
})
