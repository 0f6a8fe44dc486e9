/** `npm run screenshots`: pictures of the status page for the manual, by Debian's Chromium. */
import { writeFile } from 'node:fs/promises'
import { states } from '../page/states.ts'
import { openBrowser, openPage } from '../real/page/browser.ts'
import { startStateServer } from '../real/page/state-server.ts'

const pictures = [
  { file: 'docs/images/page-holding.png', state: states['holding, shared'], colorScheme: 'light' },
  { file: 'docs/images/page-failing.png', state: states.failing, colorScheme: 'dark' },
] as const
const viewport = { width: 880, height: 1230 }

const browser = await openBrowser()
try {
  for (const { file, state, colorScheme } of pictures) {
    await using server = await startStateServer(state)
    await using watched = await openPage(browser, { viewport, colorScheme })
    await watched.page.goto(server.url)
    await writeFile(file, await watched.page.screenshot())
    process.stdout.write(`${file}\n`)
  }
} finally {
  await browser.close()
}
