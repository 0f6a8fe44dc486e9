import { readFile, stat } from 'node:fs/promises'
import t from 'tap'
import { manual, proseLines } from './markdown.ts'

const MAX_LINE_LENGTH = 120
const MAX_FRONT_PAGE_BYTES = 16_384

for (const page of [...manual, 'SECURITY.md', 'config/README.md', 'systemd/README.md'])
  t.test(`${page} › has no line of prose above ${MAX_LINE_LENGTH} characters`, async t => {
    const lines = proseLines(await readFile(page, 'utf8'))
    t.ok(lines.length > 0)
    t.strictSame(
      lines.filter(line => Array.from(line).length > MAX_LINE_LENGTH),
      [],
    )
  })

t.test('README.md › stays a front page', async t => {
  t.ok((await stat('README.md')).size <= MAX_FRONT_PAGE_BYTES)
})
