import { readFile } from 'node:fs/promises'
import t from 'tap'
import { metricList } from '../../src/metrics/metric-list.ts'
import { tablesOf } from './markdown.ts'

t.test('docs/metrics.md › has each metric with its type, its labels and its help, and no other', async t => {
  const table = tablesOf(await readFile('docs/metrics.md', 'utf8')).find(
    ({ columns }) => columns[0] === 'metric',
  )
  t.strictSame(
    table?.rows,
    Object.entries(metricList).map(([name, { type, labels, help }]) => [
      `\`${name}\``,
      type,
      labels.map(label => `\`${label}\``).join(', ') || '–',
      help,
    ]),
  )
})
