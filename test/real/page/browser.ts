import { readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'
/** Of the public DNS, as far as this browser knows; it is this machine. */
export const STRANGE_NAME = 'evil.example'

/** Debian's Chromium, without a window. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    // in a container, root has no rights for the sandbox, and shared memory is small
    args: ['--no-sandbox', '--disable-dev-shm-usage', `--host-resolver-rules=MAP ${STRANGE_NAME} 127.0.0.1`],
  })

/** A page, and what went wrong in it: messages of its console, errors, requests to elsewhere. */
export interface Watched extends AsyncDisposable {
  readonly page: Page
  readonly flaws: string[]
}

export const openPage = async (browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> => {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const flaws: string[] = []
  page.on('console', message => flaws.push(`console: ${message.text()}`))
  page.on('pageerror', error => flaws.push(`error: ${error.message}`))
  page.on('dialog', dialog => flaws.push(`dialog: ${dialog.message()}`))
  page.on('request', request => {
    const { protocol, hostname } = new URL(request.url())
    if (protocol !== 'data:' && hostname !== '127.0.0.1') flaws.push(`request: ${request.url()}`)
  })
  return {
    page,
    flaws,
    async [Symbol.asyncDispose]() {
      await context.close()
    },
  }
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
  }[]
}

const axe = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** What axe finds against the page: by all its rules, or by those alone. */
export const accessibilityFlaws = async (
  page: Page,
  rules?: readonly string[],
): Promise<readonly string[]> => {
  // not an element of the page: the policy would refuse it
  if (!(await page.evaluate<boolean>('Boolean(window.axe)'))) await page.evaluate(`${axe}; undefined`)
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) }
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`)
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  )
}
