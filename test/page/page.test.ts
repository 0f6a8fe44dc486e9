import { createHash } from 'node:crypto'
import t from 'tap'
import { reasonCodes } from '../../src/checks/registry.ts'
import { createAdminListener } from '../../src/http/admin.ts'
import { guideIn } from '../../src/page/guide.ts'
import { ownTexts } from '../../src/page/own-texts.ts'
import { createPage } from '../../src/page/page.ts'
import { pageOf, textOf } from './page-of.ts'
import { HOSTILE, NOW, states } from './states.ts'

for (const [name, state] of Object.entries(states))
  t.test(`page › ${name}`, async t => t.matchSnapshot(textOf(await pageOf(state))))

t.test('page › its markup', async t => {
  const { body } = await pageOf(states.serving)
  t.matchSnapshot(
    body.replaceAll(/<(style|script)>[^]*?<\/\1>/g, '<$1></$1>').replace(/(data-edition=")\w+/, '$1…'),
  )
})

t.test('page › the policy lets in its own style and script alone', async t => {
  const { headers, body } = await pageOf(states.hostile)
  const hashOf = (element: string) => {
    const [, text = ''] = new RegExp(`<${element}>([^]*?)</${element}>`).exec(body) ?? []
    return createHash('sha256').update(text).digest('base64')
  }
  t.equal(
    headers['content-security-policy'],
    `default-src 'none'; style-src 'sha256-${hashOf('style')}'; script-src 'sha256-${hashOf('script')}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
})

t.test('page › no text of an app, a file or a database becomes markup', async t => {
  const { body } = await pageOf(states.hostile)
  t.equal(body.match(/<script/g)?.length, 1)
  t.equal(body.match(/<style/g)?.length, 1)
  t.notMatch(body, /<img|<\/body>[^]*<h1|<h1>Server/)
  t.notMatch(body.replaceAll('\n', ''), /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u)
  // an attribute ends where the page ends it
  const tags = body.replaceAll(/<(style|script)>[^]*?<\/\1>/g, '').match(/<[a-z][^>]*>/g) ?? []
  t.ok(tags.length > 100)
  t.strictSame(
    tags.filter(tag => !/^<[a-z0-9]+(?:\s+[a-z-]+(?:="[^"<]*")?)*\s*\/?>$/i.test(tag)),
    [],
  )
  t.strictSame(
    tags.filter(tag => /\son\w+=|javascript:|\sstyle=/i.test(tag.replaceAll(/"[^"]*"/g, '""'))),
    [],
  )
  t.match(textOf({ headers: {}, body }), HOSTILE.slice(0, 20))
})

t.test('page › asks for nothing from elsewhere', async t => {
  for (const state of Object.values(states)) {
    const { body } = await pageOf(state)
    const urls = Array.from(
      body.matchAll(/\s(?:src|href|action|poster|data)="([^"]*)"/g),
      ([, url = '']) => url,
    )
    t.strictSame(
      urls.filter(url => !url.startsWith('data:image/svg+xml,') && !url.startsWith('#') && url !== ''),
      [],
    )
  }
  t.notMatch(ownTexts().style, /@import|url\(/)
})

t.test('page › a history that cannot be read, or is slow, does not hold it up', async t => {
  const { document } = states.serving
  const full = Object.assign(new Error('no'), { code: 'EACCES' })
  const page = (history?: () => Promise<readonly string[]>) =>
    createPage({ document: () => document, now: () => NOW, ...(history && { history }) })()
  t.match(
    textOf(await page(() => Promise.reject(full))),
    /The history cannot be read: EACCES: let this user have it\./,
  )
  t.match(
    textOf(await page(() => new Promise(() => {}))),
    /All is well[^]*The history cannot be read: ETIMEDOUT/,
  )
  t.match(textOf(await page()), /There is no history\./)
  t.match(
    textOf(await page(async () => ['{', 'null', '\u0000'])),
    /Nothing has changed since the history began/,
  )
})

t.test('page › reads the history again if something has changed, once for all who look', async t => {
  const { document, lines } = states.serving
  let now = document
  let reads = 0
  const history = async () => {
    reads += 1
    return lines
  }
  const page = createPage({ document: () => now, history, now: () => NOW })
  await Promise.all([page(), page(), page()])
  await page()
  t.equal(reads, 1)
  now = { ...document, status: 'warn' }
  await page()
  await page()
  t.equal(reads, 2)
})

t.test('page › the manual says what to do for every reason', async t => {
  const guide = guideIn(ownTexts().reasons)
  t.strictSame([...guide.keys()].sort(), [...reasonCodes].sort())
  // a row of the table may lean on the one above it; alone on the page, it may not
  for (const [code, { toDo }] of guide) t.notMatch(toDo, /\b(?:the same|as above)\b/i, code)
})

t.test('page › is on both admin listeners, for GET and HEAD', async t => {
  const { document, lines } = states.failing
  const verdict = { status: 'fail', phase: 'serving', checks: [] } as const
  for (const actions of [true, false]) {
    const server = createAdminListener(
      {
        current: () => verdict,
        refresh: async () => verdict,
        document: () => document,
        history: async () => lines,
      },
      { actions },
    )
    const answer = await server.inject({ url: '/?x' })
    t.equal(answer.statusCode, 200)
    t.match(answer.headers, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': /^default-src 'none'/,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    t.match(answer.body, /Out of service\. The trouble is this host’s own\./)
    const head = await server.inject({ url: '/', method: 'HEAD' })
    t.match(head, { statusCode: 200, body: '', headers: { 'content-type': 'text/html; charset=utf-8' } })
    t.match(await server.inject({ url: '/', method: 'POST' }), {
      statusCode: 405,
      headers: { allow: 'GET, HEAD' },
    })
    t.equal((await server.inject({ url: '/', headers: { host: 'evil.example' } })).statusCode, 421)
  }
})
