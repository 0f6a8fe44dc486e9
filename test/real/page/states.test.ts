import t from 'tap'
import type { Browser, Page } from 'playwright-core'
import { pageOf, textOf } from '../../page/page-of.ts'
import { states } from '../../page/states.ts'
import type { State } from '../../page/states.ts'
import { lacks } from '../examples/example.ts'
import { accessibilityFlaws, openBrowser, openPage } from './browser.ts'
import type { Watched } from './browser.ts'
import { startStateServer } from './state-server.ts'
import type { StateServer } from './state-server.ts'

const skip = lacks('chromium')
/** One for all tests; none if they are skipped. */
const opening = skip ? undefined : openBrowser()
t.teardown(async () => (await opening)?.close())
const theBrowser = (): Promise<Browser> => opening ?? Promise.reject(new Error('no browser'))

/** What an operator reads first in each state. */
const headlines: Readonly<Record<keyof typeof states, RegExp>> = {
  serving: /^In service\. All is well\.$/,
  starting: /^Not in service yet\. The host proves itself first\.$/,
  'starting, not proved': /^Not in service yet\. It cannot prove itself\.$/,
  'starting, failing': /^Not in service yet\. The trouble is this host’s own\.$/,
  warning: /^In service, with a warning\.$/,
  'below a threshold': /^In service\. Not every check passes\.$/,
  'holding, shared': /^In service\. All hosts share the trouble\.$/,
  'holding, busy': /^In service\. The app is busy, but it makes progress\.$/,
  'holding, local': /^In service, for now\. The sidecar cannot look\.$/,
  'an optional check is blind': /^In service\. The sidecar cannot look\.$/,
  failing: /^Out of service\. The trouble is this host’s own\.$/,
  'failing, not proved': /^Out of service\. Not enough is known to put it back\.$/,
  draining: /^Out of service, on purpose\.$/,
  'draining for a notice': /^Out of service, on purpose\.$/,
  stopping: /^Out of service\. The daemon is stopping\.$/,
  'configuration refused': /^In service\. Every check passes; there are notes\.$/,
  hostile: /^In service\. All hosts share the trouble\./,
}

interface Box {
  readonly top: number
  readonly bottom: number
  readonly width: number
}

const boxesOf = (page: Page, selectors: readonly string[]): Promise<readonly Box[]> =>
  page.evaluate<readonly Box[]>(
    `${JSON.stringify(selectors)}.map(selector => document.querySelector(selector).getBoundingClientRect().toJSON())`,
  )

/** Elements that are wider than the window, or that hold more than they show. */
const tooWide = (page: Page): Promise<readonly string[]> =>
  page.evaluate<readonly string[]>(`
    [...document.querySelectorAll('body *')]
      .filter(element => !element.closest('.hidden, .skip, svg'))
      .filter(element => element.getBoundingClientRect().right > innerWidth + 0.5 || element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline')
      .map(element => element.outerHTML.slice(0, 100))`)

const WIDTHS = [320, 1280, 3840]
/** What is seen first, and then. */
const ORDER = ['header', '#verdict', '#changes', '#checks', '#countdowns', '#host', 'footer']

/** One page for all states. */
let sharing: Promise<{ readonly server: StateServer; readonly watched: Watched }> | undefined
const share = async () => {
  const server = await startStateServer(states.serving)
  const watched = await openPage(await theBrowser(), { viewport: { width: 1280, height: 800 } })
  return { server, watched }
}
const shared = () => (sharing ??= share())
t.teardown(async () => {
  const { server, watched } = (await sharing) ?? {}
  await watched?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
})

for (const [name, state] of Object.entries(states) as [keyof typeof states, (typeof states)['serving']][])
  t.test(`page › ${name}: readable from a phone to a wall, in light and dark`, { skip }, async t => {
    const { server, watched } = await shared()
    const { page, flaws } = watched
    server.show(state)
    await page.goto(server.url)
    t.match(await page.textContent('h1').then(text => text?.trim()), headlines[name])
    t.strictSame(await accessibilityFlaws(page), [], 'axe finds nothing')
    await page.emulateMedia({ colorScheme: 'dark' })
    t.strictSame(await accessibilityFlaws(page, ['color-contrast']), [], 'nor in the dark')
    await page.emulateMedia({ colorScheme: 'light' })
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 })
      t.strictSame(await tooWide(page), [], `nothing is cut off at ${width} px`)
      t.equal(await page.evaluate<number>('document.documentElement.scrollWidth'), width)
      const boxes = await boxesOf(page, ORDER)
      if (width === 3840) t.ok((boxes.at(-1)?.width ?? 0) > 2400, 'a wall is used')
      // from 1280 px, the last three sections are side by side
      for (const [i, { top }] of boxes.entries())
        t.ok(
          top >= (boxes[i - 1]?.bottom ?? 0) || (i === 5 && width > 320),
          `${i} comes after what is before`,
        )
    }
    t.strictSame(flaws.splice(0), [], 'no message in the console, and nothing from elsewhere')
  })

t.test('page › says the same without scripts, and can be loaded again and unfolded', { skip }, async t => {
  await using server = await startStateServer(states['holding, shared'])
  await using watched = await openPage(await theBrowser(), { javaScriptEnabled: false })
  const { page } = watched
  await page.goto(server.url)
  const expected = textOf(await pageOf(states['holding, shared'])).split('\n')
  const shown = (await page.locator('body').innerText()).replaceAll(/\s+/g, ' ')
  for (const line of ['Reload', '200 kept', 'DATABASE_REFUSED Nothing listens at that address or socket'])
    t.ok(shown.includes(line) && expected.some(one => one.startsWith(line)), line)
  t.equal(await page.locator('#evidence-database dd').isVisible(), false)
  await page.click('#evidence-database summary')
  t.equal(await page.locator('#evidence-database dd').innerText(), '10.0.1.5:5432')
  server.show(states.failing)
  await page.click('text=Reload')
  t.match(await page.innerText('h1'), /Out of service/)
})

t.test('page › by keyboard: the first stop skips to the checks, then all that unfolds', { skip }, async t => {
  await using server = await startStateServer(states.failing)
  await using watched = await openPage(await theBrowser())
  const { page } = watched
  await page.goto(server.url)
  const focused = () =>
    page.evaluate<string>('document.activeElement.textContent.replace(/\\s+/g, " ").trim()')
  await page.keyboard.press('Tab')
  t.equal(await focused(), 'Skip to the checks')
  t.ok(((await boxesOf(page, ['.skip']))[0]?.top ?? -1) >= 0, 'it is seen')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  t.equal(await focused(), 'Evidence of homepage')
  await page.keyboard.press('Enter')
  t.equal(await page.locator('#evidence-homepage').getAttribute('open'), '')
  await page.keyboard.press('Tab')
  t.equal(await focused(), 'What the words mean')
})

t.test('page › for a screen reader: landmarks, headings, and strips in words', { skip }, async t => {
  await using server = await startStateServer(states['holding, shared'])
  await using watched = await openPage(await theBrowser())
  const { page } = watched
  await page.goto(server.url)
  const tree = await page.locator('body').ariaSnapshot()
  for (const line of [
    '- banner:',
    '- main:',
    '- contentinfo:',
    `- region "In service. All hosts share the trouble.":`,
    '- heading "What changed" [level=2]',
    '- region "Checks 1 of 4 pass":',
    '- heading "database" [level=3]',
    `- 'img "env, last 24 hours: pass for `,
    `- 'img "database, last 24 hours: unknown for `,
  ])
    t.ok(tree.includes(line), line)
})

t.test('page › for eyes that need other colours, larger letters or no motion', { skip }, async t => {
  await using server = await startStateServer(states.failing)
  await using watched = await openPage(await theBrowser(), { viewport: { width: 1280, height: 800 } })
  const { page } = watched
  await page.goto(server.url)
  const stylesOf = (selector: string, style: string) =>
    page.evaluate<readonly string[]>(
      `[...document.querySelectorAll('${selector}')].map(element => ${style.replaceAll('STYLE', 'getComputedStyle(element)')})`,
    )

  await t.test('the reader’s own colours: what a colour says stays', async t => {
    const told = () =>
      Promise.all([
        stylesOf('.key', `getComputedStyle(element, '::before').backgroundColor`),
        stylesOf('.strip path[class]', 'STYLE.fill'),
        stylesOf('.icon', 'STYLE.color'),
      ])
    const usual = await told()
    t.equal(new Set(usual[0]).size, 4)
    await page.emulateMedia({ forcedColors: 'active' })
    t.strictSame(await told(), usual)
    t.strictSame(await accessibilityFlaws(page, ['color-contrast']), [])
    const [box = ''] = await stylesOf('.verdict', 'STYLE.borderTopColor')
    t.equal(box, (await stylesOf('body', 'STYLE.color'))[0], 'a box that lost its ground keeps its edge')
    await page.emulateMedia({ forcedColors: 'none' })
  })

  await t.test('on paper: light, nothing to press, and the legend has its colours', async t => {
    const [light] = await stylesOf('body', 'STYLE.backgroundColor')
    await page.emulateMedia({ colorScheme: 'dark' })
    t.not((await stylesOf('body', 'STYLE.backgroundColor'))[0], light)
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
    t.equal((await stylesOf('body', 'STYLE.backgroundColor'))[0], light)
    t.equal((await stylesOf(':root', 'STYLE.colorScheme'))[0], 'light')
    t.strictSame(await stylesOf('.skip, .reload', 'STYLE.display'), ['none', 'none'])
    t.equal((await stylesOf('.key', `getComputedStyle(element, '::before').printColorAdjust`))[0], 'exact')
    t.strictSame(await stylesOf('.check, .verdict', `STYLE.breakInside`), Array(5).fill('avoid'))
    await page.emulateMedia({ colorScheme: 'light', media: 'screen' })
  })

  await t.test('letters of twice the size', async t => {
    const session = await page.context().newCDPSession(page)
    await session.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } })
    await page.setViewportSize({ width: 320, height: 800 })
    t.equal(
      await page.evaluate<number>(`
        const range = document.createRange()
        const { firstChild } = document.querySelector('h1 span')
        range.setStart(firstChild, 'Out of '.length)
        range.setEnd(firstChild, 'Out of service'.length)
        range.getClientRects().length`),
      1,
      'no word of the headline is broken',
    )
    for (const state of [states.failing, states.hostile]) {
      server.show(state)
      await page.goto(server.url)
      t.equal((await stylesOf('body', 'STYLE.fontSize'))[0], '32px')
      await page.evaluate(`document.querySelectorAll('details').forEach(each => (each.open = true))`)
      for (const width of [320, 640, 1280]) {
        await page.setViewportSize({ width, height: 800 })
        t.strictSame(await tooWide(page), [], `nothing is cut off at ${width} px`)
        t.equal(await page.evaluate<number>('document.documentElement.scrollWidth'), width)
      }
    }
  })

  await t.test('nothing moves', async t => {
    t.strictSame(
      (
        await stylesOf('*', `[STYLE.animationName, STYLE.transitionDuration, STYLE.scrollBehavior].join()`)
      ).filter(motion => motion !== 'none,0s,auto'),
      [],
    )
  })
})

const { document: drained, lines } = states.draining
const [homepage] = states.failing.document.checks['homepage'] ?? []
const TRACEBACK =
  'שגיאה (500)\nTraceback (most recent call last):\n  File "/srv/app.py", line 3, in <module>:'
/** An app, and an operator, who write from right to left; and one who pretends to. */
const rightToLeft: State = {
  document: {
    ...drained,
    releaseId: '5 גרסה',
    drain: { reason: 'שדרוג ליבה 5', by: 'דנה' },
    checks: {
      homepage: [{ ...homepage!, output: TRACEBACK, evidence: { כותרת: 'شركة', page: TRACEBACK } }],
      liar: [{ ...homepage!, output: 'it is \u202edetrever\u202c and \u2067isolated\u2069' }],
    },
  },
  lines,
}

t.test('page › what is written from right to left turns nothing beside it', { skip }, async t => {
  await using server = await startStateServer(rightToLeft)
  await using watched = await openPage(await theBrowser(), { viewport: { width: 1280, height: 800 } })
  const { page } = watched
  await page.goto(server.url)
  await page.evaluate(`document.querySelectorAll('details').forEach(each => (each.open = true))`)
  /** Texts stand in this order, from left to right, in one line. */
  const inOrder = async (selector: string, texts: readonly string[]) => {
    const boxes = await page.evaluate<readonly DOMRect[]>(`
      ${JSON.stringify(texts)}.map(text => {
        const texts = document.createTreeWalker(document.querySelector('${selector}'), NodeFilter.SHOW_TEXT)
        while (texts.nextNode()) {
          const node = texts.currentNode
          const at = node.data.indexOf(text)
          if (at < 0) continue
          const range = document.createRange()
          range.setStart(node, at)
          range.setEnd(node, at + text.length)
          return range.getBoundingClientRect().toJSON()
        }
        throw new Error('there is no ' + text)
      })`)
    for (const [i, { left, top, bottom }] of boxes.entries()) {
      const before = boxes[i - 1] ?? { right: 0, top, bottom }
      t.ok(
        left >= before.right - 1 && top < before.bottom && bottom > before.top,
        `${texts[i - 1] ?? ''} ${texts[i]}`,
      )
    }
  }
  await inOrder('#top', ['shop on', 'release', 'גרסה', '5'])
  await inOrder('#verdict dd', ['taken out on purpose (', 'שדרוג ליבה', ', by ', 'דנה', ')'])
  await inOrder('#countdown-drain p', ['Drain:', 'שדרוג ליבה', ', by', 'דנה'])
  for (const place of ['#check-homepage .message', '#evidence-homepage div:nth-child(2) dd']) {
    await inOrder(place, ['(500)', 'שגיאה'])
    await inOrder(place, ['Traceback', ' (most recent', 'last', '):'])
    await inOrder(place, ['File', '"/srv', 'line 3', 'module', '>:'])
  }
  await inOrder('#check-liar .message', [
    'it is',
    String.raw`\u202e`,
    'det',
    'rever',
    String.raw`\u202c`,
    ' and',
    String.raw`\u2067`,
    'iso',
    'lated',
  ])
})
