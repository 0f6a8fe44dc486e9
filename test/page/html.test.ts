import t from 'tap'
import { Html, html } from '../../src/page/html.ts'
import { guideIn, sentence } from '../../src/page/guide.ts'

const shown = (markup: Html) => markup.toString()

t.test('html › escapes every text that is put in, in content and in attributes', async t => {
  t.equal(
    shown(html`<p>${'<b>"x"</b> & \'y\''}</p>`),
    '<p>&lt;b&gt;&quot;x&quot;&lt;/b&gt; &amp; &#39;y&#39;</p>',
  )
  t.equal(shown(html`<p id="${'"><script>'}"></p>`), '<p id="&quot;&gt;&lt;script&gt;"></p>')
})

t.test('html › shows control characters, and those that turn the direction of writing', async t => {
  t.equal(
    shown(html`<p>${'\u0000\u001b[31m\u202e\u2066\u2028\u0085'}</p>`),
    String.raw`<p>\u0000\u001b[31m\u202e\u2066\u2028\u0085</p>`,
  )
  t.equal(shown(html`<p>${'a\nשלום 🙈'}</p>`), '<p>a\nשלום 🙈</p>')
})

t.test('html › takes its own markup, lists and numbers; nothing is nothing', async t => {
  t.equal(
    shown(html`<p>${[html`<b>${1}</b>`, '<', [2, [html`<i></i>`]]]}${undefined}${false}${''}</p>`),
    '<p><b>1</b>&lt;2<i></i></p>',
  )
})

t.test('html › an attribute without quotes is a defect of this program', async t => {
  t.throws(() => html`<p id=${'x'}></p>`, /quote this attribute/)
})

t.test('html › no text, and nothing that looks like markup, is taken for markup', async t => {
  // @ts-expect-error a text is no Html
  const text: Html = '<b>'
  // @ts-expect-error nor is what has a toString
  const fake: Html = { toString: () => '<b>' }
  t.equal(shown(html`${text}`), '&lt;b&gt;')
  // @ts-expect-error nor can it be made of a text
  t.throws(() => html`${new Html('<b>')}${fake}`)
})

t.test('html › a style or a script that ends its element is refused', async t => {
  t.equal(shown(Html.ownElement('style', 'a > b { }')), '<style>a > b { }</style>')
  t.throws(() => Html.ownElement('script', 'x = "</script>"'), /ends the script element/)
  t.throws(() => Html.ownElement('script', '<!-- x'), /ends the script element/)
})

t.test('guide › has what the manual says of a code, with its code and without its links', async t => {
  const guide = guideIn(
    '| `A_CODE` | fail; unknown | It is `off`. | See [TLS](x.md#tls) & `on`. |\n| other | row | a | b |',
  )
  t.strictSame([...guide], [['A_CODE', { meaning: 'It is `off`.', toDo: 'See [TLS](x.md#tls) & `on`.' }]])
  t.equal(shown(sentence('See [TLS](x.md#tls) & `a<b`.')), 'See TLS &amp; <code>a&lt;b</code>.')
})
