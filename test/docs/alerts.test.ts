import { readFile } from 'node:fs/promises'
import t from 'tap'
import { parse } from 'yaml'
import { metricList, PREFIX } from '../../src/metrics/metric-list.ts'
import { anchorsOf } from './markdown.ts'

interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}
interface RuleFile {
  readonly groups: readonly { readonly rules: readonly Rule[] }[]
}

const rulesOf = async (name: string): Promise<readonly Rule[]> => {
  const file: RuleFile = parse(await readFile(`config/prometheus/${name}`, 'utf8'))
  return file.groups.flatMap(({ rules }) => rules)
}

const page = await readFile('docs/alerts.md', 'utf8')
const alerts = await rulesOf('alert-rules.yaml')
const recorded = await rulesOf('recording-rules.yaml')

t.test('docs/alerts.md › has a section for each alert, and for no other', async t => {
  t.ok(alerts.length >= 11)
  t.strictSame(
    anchorsOf(page).slice(1),
    alerts.map(({ alert }) => alert?.toLowerCase()),
  )
})

t.test('docs/alerts.md › says of each alert what it means, and what to do first', async t => {
  for (const section of page.split(/^## /m).slice(1))
    t.match(
      section,
      /^\w+\n\n\*\*It means:\*\* [^]+?\.\n\n\*\*First:\*\* [^]+\.\n/,
      section.split('\n', 1).join(),
    )
})

t.test('alerts › each has a summary, who owns it, and a link to its section', async t => {
  for (const { alert = '', labels, annotations } of alerts) {
    t.match(annotations?.['summary'], /^\S.*[.!]$/, alert)
    t.match(labels, { severity: /^(page|ticket)$/, owner: /^(host|app|shared-service)$/ }, alert)
    t.equal(
      annotations?.['runbook_url'],
      `https://example.com/health-sidecar/docs/alerts.md#${alert.toLowerCase()}`,
    )
  }
})

t.test('alerts › name only metrics and labels that there are', async t => {
  const names = new Set(
    Object.entries(metricList).flatMap(([name, { type }]) =>
      (type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map(end => `${PREFIX}${name}${end}`),
    ),
  )
  const rules = new Set(recorded.map(({ record }) => record))
  for (const { expr, annotations = {} } of [...alerts, ...recorded]) {
    const text = [expr, ...Object.values(annotations)].join(' ')
    for (const [name] of text.matchAll(/(?:\w+:)?health_sidecar_\w+(?::\w+)?/g))
      t.ok(names.has(name) || rules.has(name), name)
  }
})
