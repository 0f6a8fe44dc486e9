import t from 'tap'
import { containsRelease, isTellingRelease } from '../../../src/checks/smoke/release-text.ts'
import { bytes, page, serve } from './fake-server.ts'
import { createSmoke, gist, messageOf } from './run-smoke.ts'
import type { SmokeKeys } from './run-smoke.ts'

const inHeader = { release: 'header:X-Release' }
const inBody = { release: 'body' }

const judged = async (
  test: Parameters<typeof serve>[0],
  {
    respond,
    expect,
    release,
    ...keys
  }: Partial<SmokeKeys> & {
    readonly respond: Parameters<typeof serve>[1]
    readonly release: string | undefined
  },
) => {
  const app = await serve(test, respond)
  const target = `http+unix:${app.path}`
  await using check = createSmoke({ target, ...keys, ...(expect && { expect }) }, { release: () => release })
  return await check.run(AbortSignal.timeout(20_000))
}

const sends = (headers: string, body = 'Welcome') => page('200 OK', body, headers)

t.test(
  'release › a header that names the release on the host passes, with the release in the evidence',
  async t => {
    const finding = await judged(t, {
      respond: sends('X-Release: 1.2\r\n'),
      expect: inHeader,
      release: '1.2',
    })
    t.match(finding, { status: 'pass', evidence: { release: '1.2', pageRelease: '1.2' } })
  },
)

const headers: readonly (readonly [what: string, header: string, expected: RegExp])[] = [
  ['blanks around it', 'X-Release:  \t1.2 \t\r\n', /^pass/],
  ['another case of the name', 'x-RELEASE: 1.2\r\n', /^pass/],
  ['the same value twice', 'X-Release: 1.2\r\nX-Release: 1.2\r\n', /^pass/],
  [
    'the release before',
    'X-Release: 1.1\r\n',
    /^fail SMOKE_RELEASE_UNEXPECTED: .*release "1\.1", .* is "1\.2": restart/,
  ],
  ['a longer version', 'X-Release: 1.2.3\r\n', /^fail SMOKE_RELEASE_UNEXPECTED/],
  ['a part of it', 'X-Release: 1\r\n', /^fail SMOKE_RELEASE_UNEXPECTED/],
  ['more words', 'X-Release: release 1.2\r\n', /^fail SMOKE_RELEASE_UNEXPECTED/],
  ['two values', 'X-Release: 1.2\r\nX-Release: 1.1\r\n', /^fail SMOKE_RELEASE_UNEXPECTED: .*"1\.2, 1\.1"/],
  [
    'a v before it',
    'X-Release: v1.2\r\n',
    /^fail SMOKE_RELEASE_UNEXPECTED: .*"v1\.2" .* written "1\.2": write/,
  ],
  ['quotes', 'X-Release: "1.2"\r\n', /^fail SMOKE_RELEASE_UNEXPECTED/],
  ['no value', 'X-Release:\r\n', /^fail SMOKE_RELEASE_MISSING/],
  ['another header', 'X-Version: 1.2\r\n', /^fail SMOKE_RELEASE_MISSING: .*without the header x-release/],
]

for (const [what, header, expected] of headers)
  t.test(`release › a header with ${what}`, async t => {
    const finding = await judged(t, { respond: sends(header), expect: inHeader, release: '1.2' })
    t.match(`${gist(finding)}: ${messageOf(finding)}`, expected)
  })

t.test('release › a trailer is no header, and upper case is another release', async t => {
  const trailer = bytes(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Release\r\n\r\n3\r\n1.2\r\n0\r\nX-Release: 1.2\r\n\r\n',
  )
  const late = await judged(t, { respond: trailer, expect: inHeader, release: '1.2' })
  t.equal(gist(late), 'fail SMOKE_RELEASE_MISSING')
  const upper = await judged(t, {
    respond: sends('X-Release: ABC1234\r\n'),
    expect: inHeader,
    release: 'abc1234',
  })
  t.equal(gist(upper), 'fail SMOKE_RELEASE_UNEXPECTED')
})

const pages: readonly (readonly [release: string, body: string, expected: string])[] = [
  ['1.2.3', '<meta name="release" content="1.2.3">', 'pass'],
  ['1.2.3', 'This is 1.2.3.', 'pass'],
  ['1.2.3', '/static/1.2.3/app.js', 'pass'],
  [
    '1.2.3',
    '1.2.34 and 11.2.3 and 1.2.3-rc1 and v1.2.3 and 1.2.3_b and 1.2.3.4',
    'fail SMOKE_RELEASE_MISSING',
  ],
  ['1.2.3', '1.2.34, and then 1.2.3', 'pass'],
  ['1.2.3', '', 'fail SMOKE_RELEASE_MISSING'],
  ['abc1234', 'ABC1234', 'fail SMOKE_RELEASE_MISSING'],
  ['1.2', 'release 1.2', 'unknown SMOKE_RELEASE_UNKNOWN'],
  ['12', '12 items', 'unknown SMOKE_RELEASE_UNKNOWN'],
  ['main', '<main>', 'unknown SMOKE_RELEASE_UNKNOWN'],
]

for (const [release, body, expected] of pages)
  t.test(`release › ${release} on the page ${JSON.stringify(body)}: ${expected}`, async t => {
    t.equal(gist(await judged(t, { respond: sends('', body), expect: inBody, release })), expected)
  })

t.test('release › a page that was not read to its end, or that is encoded, proves nothing', async t => {
  const long = sends('', '.'.repeat(100))
  const cut = await judged(t, { respond: long, expect: inBody, release: '1.2.3', max_body: 50 })
  t.equal(gist(cut), 'unknown SMOKE_RESPONSE_TOO_LARGE')
  const encoded = sends('Content-Encoding: gzip\r\n')
  const finding = await judged(t, { respond: encoded, expect: inBody, release: '1.2.3' })
  t.equal(gist(finding), 'unknown SMOKE_RESPONSE_ENCODED')
})

t.test('release › while the release on the host is not known, no page passes', async t => {
  const finding = await judged(t, {
    respond: sends('X-Release: 1.2\r\n'),
    expect: inHeader,
    release: undefined,
  })
  t.equal(gist(finding), 'unknown SMOKE_RELEASE_UNKNOWN')
})

t.test('release › after a deployment, a page of the release before names both', async t => {
  const app = await serve(t, sends('', 'This is 1.2.3'))
  let release = '1.2.3'
  const keys = { target: `http+unix:${app.path}`, expect: inBody }
  await using check = createSmoke(keys, { release: () => release })
  t.equal(gist(await check.run(AbortSignal.timeout(20_000))), 'pass')
  release = '1.2.4'
  const finding = await check.run(AbortSignal.timeout(20_000))
  t.equal(gist(finding), 'fail SMOKE_RELEASE_UNEXPECTED')
  t.match(messageOf(finding), /still names the release "1\.2\.3", but the release on this host is "1\.2\.4"/)
})

t.test('release › a release that changes while a request is in flight is the one that counts', async t => {
  let release = '1.2.3'
  const app = await serve(t, socket => {
    release = '1.2.4'
    sends('X-Release: 1.2.3\r\n')(socket)
  })
  const keys = { target: `http+unix:${app.path}`, expect: inHeader }
  await using check = createSmoke(keys, { release: () => release })
  t.equal(gist(await check.run(AbortSignal.timeout(20_000))), 'fail SMOKE_RELEASE_UNEXPECTED')
})

t.test('release text › is found as a word of its own, also beside characters of two halves', async t => {
  t.ok(containsRelease('(1.2.3)', '1.2.3'))
  t.ok(containsRelease('1.2.3+', '1.2.3'))
  for (const text of ['é1.2.3', '1.2.3é', '𝟙1.2.3', '1.2.3𝟙', '0-1.2.3', '1.2.3~rc'])
    t.notOk(containsRelease(text, '1.2.3'), text)
  for (const release of ['123456', '1.2.3', 'abcdefa', '2026-11-26', 'build5'])
    t.ok(isTellingRelease(release), release)
  for (const release of ['12345', '1.0', 'h1', 'release', 'production'])
    t.notOk(isTellingRelease(release), release)
})
