import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import type { Page } from 'playwright-core'
import { states } from '../../page/states.ts'
import { freePort } from '../../support/free-port.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'
import { lacks } from '../examples/example.ts'
import { STRANGE_NAME, openBrowser, openPage } from './browser.ts'
import { startStateServer } from './state-server.ts'

const skip = lacks('chromium')
/** One for all tests; none if they are skipped. */
const opening = skip ? undefined : openBrowser()
t.teardown(async () => (await opening)?.close())

const open = async () =>
  await openPage((await opening) ?? (await openBrowser()), { viewport: { width: 1000, height: 600 } })

/** Opens a page whose time the test drives. */
const openAt = async (url: string) => {
  const watched = await open()
  await watched.page.clock.install({ time: 0 })
  await watched.page.clock.pauseAt(1000)
  await watched.page.goto(url)
  return watched
}

const headline = (page: Page, text: string) => page.locator('h1', { hasText: text }).waitFor()

t.test('live › a change is there within two seconds, and nobody is disturbed', { skip }, async t => {
  await using server = await startStateServer(states['holding, shared'])
  await using watched = await openAt(server.url)
  const { page, flaws } = watched
  t.equal(await page.locator('.reload').isVisible(), false, 'it need not be loaded again')
  await page.click('#evidence-homepage summary')
  const scrolled = await page.evaluate<number>('scrollTo(0, 500), scrollY')
  const iconBefore = await page.getAttribute('#tab-icon', 'href')
  t.equal(await page.textContent('#announcement'), '')

  server.show(states.failing)
  await page.clock.runFor(2000)
  await headline(page, 'Out of service')
  t.match(await page.title(), /^503 · /)
  t.not(await page.getAttribute('#tab-icon', 'href'), iconBefore)
  t.match(await page.textContent('#announcement'), /^Out of service\. The trouble is this host’s own\.$/)
  t.match(await page.innerText('#check-homepage .status'), 'fail')
  t.equal(await page.locator('#check-database .reason').count(), 0)
  t.ok((await page.evaluate<number>('scrollY')) >= scrolled, 'what is read stays in sight')
  t.equal(await page.getAttribute('#evidence-homepage', 'open'), '', 'what was unfolded stays so')
  t.equal(
    await page.evaluate<string>('document.activeElement.parentElement.id'),
    'evidence-homepage',
    'the focus stays',
  )
  t.strictSame(flaws, [])
})

t.test('live › from any state to any other, it is as if it had been loaded', { skip }, async t => {
  const all = Object.values(states)
  await using server = await startStateServer(states.serving)
  await using watched = await openAt(server.url)
  const { page, flaws } = watched
  const main = () => page.evaluate<string>('document.getElementById("main").outerHTML')
  const fresh = () =>
    page.evaluate<string>(
      `fetch('/').then(answer => answer.text()).then(text => new DOMParser().parseFromString(text, 'text/html').getElementById('main').outerHTML)`,
    )
  for (const state of [...all, ...all.toReversed()]) {
    server.show(state)
    const expected = await fresh()
    for (let i = 0; i < 100 && (await main()) !== expected; i += 1) await page.clock.runFor(200)
    t.equal(await main(), expected)
  }
  t.strictSame(flaws, [])
})

t.test('live › what has not changed is not touched', { skip }, async t => {
  await using server = await startStateServer(states['holding, shared'])
  await using watched = await openAt(server.url)
  const { page } = watched
  await page.evaluate(`
    window.changes = 0
    new MutationObserver(list => (window.changes += list.length)).observe(document, { subtree: true, childList: true, attributes: true, characterData: true })`)
  for (let i = 0; i < 3; i += 1) {
    const answered = page.waitForResponse(() => true)
    await page.clock.runFor(1000)
    await (await answered).finished()
  }
  t.equal(await page.evaluate<number>('window.changes'), 0)
  server.show({
    ...states['holding, shared'],
    document: { ...states['holding, shared'].document, releaseId: 'v2' },
  })
  await page.clock.runFor(2000)
  await page.locator('#host dd', { hasText: 'v2' }).waitFor()
  t.equal(await page.evaluate<number>('window.changes'), 2, 'the release, in two places')
})

t.test('live › no answer is told of, and what to do, until there is one', { skip }, async t => {
  await using server = await startStateServer(states.serving)
  await using watched = await openAt(server.url)
  const { page } = watched
  t.equal(await page.locator('#lost').isVisible(), false)
  server.as('dead')
  const lost = page.locator('#lost', {
    hasText:
      /^No answer since 03:14:00 UTC\. Either the daemon .* or the connection .* may have changed\. Open the tunnel again, or run “health-sidecar status”/,
  })
  for (let i = 0; i < 20 && !(await lost.isVisible()); i += 1) await page.clock.runFor(1000)
  t.ok(await lost.isVisible())
  t.match(await page.innerText('h1'), /In service/, 'what was known stays')
  t.match(await page.title(), /^no answer · \S+ · health-sidecar$/)
  t.equal(await page.getAttribute('#tab-icon', 'href'), 'data:,', 'no verdict')
  server.as('well')
  for (let i = 0; i < 20 && (await lost.isVisible()); i += 1) await page.clock.runFor(1000)
  t.equal(await page.locator('#lost').isVisible(), false)
  t.match(await page.title(), /^200 · /)
  t.match(await page.getAttribute('#tab-icon', 'href'), /svg/)
})

t.test('live › soon after a daemon that hung goes on, the page does', { skip }, async t => {
  await using server = await startStateServer(states.serving)
  await using watched = await openAt(server.url)
  const { page } = watched
  server.as('hanging')
  const asked = page.waitForRequest(() => true)
  const failed = page.waitForEvent('requestfailed')
  await page.clock.runFor(1000)
  await asked
  await page.clock.runFor(8000)
  server.as('well')
  await failed
  await page.locator('#lost').waitFor()
  const again = page.waitForRequest(() => true)
  await page.clock.runFor(6000)
  await again
  t.pass('it asks again within six seconds')
})

t.test('live › what the reader has selected stays, even if a number in it changes', { skip }, async t => {
  const busy = (seconds: number) => {
    const { document, lines } = states['holding, busy']
    const [homepage] = document.checks['homepage'] ?? []
    if (!homepage) throw new Error('the state has no homepage')
    const output = `no answer within 2.0 s; another request was answered ${seconds} s ago`
    return { document: { ...document, checks: { homepage: [{ ...homepage, output }] as const } }, lines }
  }
  await using server = await startStateServer(busy(9))
  await using watched = await openAt(server.url)
  const { page } = watched
  const selected = await page.evaluate<string>(`
    const { firstChild } = document.querySelector('.message bdi')
    getSelection().setBaseAndExtent(firstChild, 3, firstChild, firstChild.length)
    getSelection().toString()`)
  t.match(selected, /^answer within.* 9 s ago$/)
  server.show(busy(10))
  await page.clock.runFor(2000)
  await page.locator('.message', { hasText: '10 s ago' }).waitFor()
  t.equal(await page.evaluate<string>('getSelection().toString()'), selected.replace('9 s', '10 s'))
})

t.test('live › another version of the daemon brings its own style and script', { skip }, async t => {
  await using server = await startStateServer(states.serving)
  await using watched = await openAt(server.url)
  const { page } = watched
  const loaded = page.waitForEvent('load')
  server.as('other edition')
  await page.clock.runFor(2000)
  await loaded
  t.equal(await page.getAttribute('html', 'data-edition'), 'other')
})

t.test(
  'live › of a real daemon, whatever its app says; and nothing for pages from elsewhere',
  { skip },
  async t => {
    await using scratch = await createScratchDirectory('hs-page-')
    let isWell = true
    const app = createServer((_request, response) =>
      response
        .writeHead(isWell ? 200 : 500, { 'content-type': 'text/html' })
        .end('<title></title><script>document.title = "owned"</script><pre>Traceback: "<b>\u202e</pre>'),
    )
    const socket = join(scratch.path, 'app.sock')
    app.listen(socket)
    await once(app, 'listening')
    t.teardown(() => void app.close())
    const adminPort = await freePort()
    const quick = { interval: '200ms', fresh_for: '50ms' }
    await using sidecar = await startSidecar({
      scratch,
      port: await freePort(),
      config: {
        admin: { socket: join(scratch.path, 'admin.sock'), listen: `127.0.0.1:${adminPort}` },
        release: 'v7',
        startup: { healthy_threshold: 2 },
        drain: { wait: '0s' },
        checks: [
          { name: 'page', type: 'smoke', target: `http+unix:${socket}`, show_error_page: true, ...quick },
        ],
      },
    })
    const url = `http://127.0.0.1:${adminPort}/`
    await using watched = await open()
    const { page, flaws } = watched
    await page.goto(url)
    await headline(page, 'In service. All is well.')
    isWell = false
    await sidecar.waitFor(({ status }) => status === 'fail')
    const failedAt = performance.now()
    await headline(page, 'Out of service. The trouble is this host’s own.')
    t.comment(`the page says so ${Math.round(performance.now() - failedAt)} ms after the daemon`)
    t.match(await page.innerText('#check-page .reason'), /500[^]*SMOKE_STATUS_UNEXPECTED/)
    t.match(await page.innerText('.changes li:first-child'), /200 → 503[^]*page pass→fail/)
    t.match(await page.title(), /^503 · .* · health-sidecar$/)
    isWell = true
    await headline(page, 'In service. All is well.')
    t.strictSame(flaws, [])

    await t.test('a name that a stranger pointed here is not let in', async t => {
      const answer = await page.goto(`http://${STRANGE_NAME}:${adminPort}/`)
      t.equal(answer?.status(), 421)
      t.match(await answer?.text(), /admin\.hosts/)
    })
    await t.test('a page from elsewhere reads nothing', async t => {
      await using elsewhere = await startStateServer(states.serving)
      await page.route('**', route =>
        route.request().url().includes(STRANGE_NAME)
          ? route.fulfill({ contentType: 'text/html', body: '<h1>elsewhere</h1>' })
          : route.continue(),
      )
      await page.goto(`http://${STRANGE_NAME}:${elsewhere.port}/`)
      t.equal(
        await page.evaluate<string>(`fetch('${url}status').then(() => 'read', error => error.name)`),
        'TypeError',
      )
    })
  },
)
