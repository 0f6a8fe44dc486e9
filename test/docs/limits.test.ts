import { readFile } from 'node:fs/promises'
import t from 'tap'
import { tablesOf } from './markdown.ts'

/** What a source file sets a name to, such as `const MAX_BYTES = 64 * 1024` or `maxItems: 500`. Each must be there once. */
const figure = async (file: string, name: string): Promise<number> => {
  const found = Array.from(
    (await readFile(`src/${file}`, 'utf8')).matchAll(new RegExp(`\\b${name}(?: =|:) (\\d[\\d_ *]*)`, 'g')),
  )
  if (found.length !== 1) throw new Error(`src/${file} sets ${name} ${found.length} times to a number`)
  return (found[0]?.[1] ?? '')
    .replaceAll('_', '')
    .split('*')
    .reduce((product, factor) => product * Number(factor), 1)
}

const grouped = (value: number): string => value.toLocaleString('en-US')

/** As the manual writes them. */
const count = async (file: string, name: string): Promise<string> => grouped(await figure(file, name))
const kib = async (file: string, name: string): Promise<string> =>
  `${grouped((await figure(file, name)) / 1024)} KiB`
const mib = async (file: string, name: string): Promise<string> =>
  `${grouped((await figure(file, name)) / 1024 / 1024)} MiB`
const ms = async (file: string, name: string): Promise<string> => `${grouped(await figure(file, name))} ms`
const seconds = async (file: string, name: string): Promise<string> =>
  `${grouped((await figure(file, name)) / 1000)} s`

const limits: Readonly<Record<string, readonly Promise<string>[]>> = {
  'connections of one listener': [
    count('http/server.ts', 'maxConnections'),
    count('http/server.ts', 'maxPerAddress'),
  ],
  'requests of one connection without an answer': [count('http/server.ts', 'maxUnanswered')],
  'request line and headers': [
    kib('http/server.ts', 'maxHeaderSize'),
    seconds('http/server.ts', 'headersTimeout'),
  ],
  'a regular expression of the configuration': [ms('lib/run-within.ts', 'LIMIT_MS')],
  "env's JSON Schema": [
    seconds('checks/env/compare-schema.ts', 'LIMIT_MS'),
    count('checks/env/compare-schema.ts', 'MAX_HEAP_MB').then(value => `${value} MB`),
  ],
  'the configuration': [
    mib('config/open.ts', 'MAX_BYTES'),
    count('config/size-limits.ts', 'MAX_VALUES'),
    count('config/size-limits.ts', 'MAX_DEPTH'),
    count('config/schema.ts', 'checksSchema =[^]*?maxItems'),
    kib('config/size-limits.ts', 'MAX_TEXT_LENGTH'),
  ],
  'a finding': [
    count('core/bound-finding.ts', 'MAX_MESSAGE_LENGTH'),
    kib('core/bound-finding.ts', 'MAX_EVIDENCE_LENGTH'),
  ],
  'an answer of the admin listener': [mib('status/bounded-document.ts', 'MAX_BYTES')],
  'series of the metrics': [],
  'sources of probes that are remembered': [count('probes/probe-sources.ts', 'MAX_SOURCES')],
  'the log buffer': [mib('log/line-writer.ts', 'MAX_BUFFERED_BYTES')],
}

t.test("docs/security.md › the limits are the program's", async t => {
  const table = tablesOf(await readFile('docs/security.md', 'utf8')).find(
    ({ columns }) => columns.join() === 'what,limit,beyond it',
  )
  const written = table?.rows.map(([what = '', limit = '']) => [
    what,
    limit.match(/\d[\d,]*(?: (?:[KM]iB|MB|ms|s)\b)?/g) ?? [],
  ])
  const set = await Promise.all(
    Object.entries(limits).map(async ([what, figures]) => [what, await Promise.all(figures)]),
  )
  t.strictSame(Object.fromEntries(written ?? []), Object.fromEntries(set))
})

const all = async (page: string, parts: readonly (string | Promise<string>)[]) => {
  const texts = await Promise.all(parts.map(async part => await part))
  return { page, sentence: texts.join('') }
}

const sentences = [
  all('docs/reasons.md', ['larger than ', kib('env-file/read-text.ts', 'MAX_BYTES')]),
  ...['docs/reasons.md', 'docs/checks/postgres.md'].map(page =>
    all(page, [
      mib('postgres/message-guard.ts', 'MAX_ANSWER_BYTES'),
      ', ',
      count('postgres/message-guard.ts', 'MAX_ROWS'),
      ' rows',
    ]),
  ),
  ...['docs/reasons.md', 'docs/checks/tcp.md'].map(page =>
    all(page, ['its first ', kib('checks/tcp/conversation.ts', 'MAX_ANSWER_BYTES')]),
  ),
  all('docs/checks/command.md', ['the first ', kib('checks/command/process-group.ts', 'MAX_OUTPUT_BYTES')]),
  all('docs/checks/migrations.md', ['more than ', count('checks/migrations/schemas.ts', 'MAX_SCHEMAS')]),
  all('docs/checks/postgres.md', ['Each file may have ', mib('connect/tls-files.ts', 'MAX_BYTES')]),
  all('docs/operating.md', ['One file may have ', mib('cli/replay.ts', 'MAX_FILE_BYTES')]),
  all('docs/operating.md', ['It has ', mib('history/history-file.ts', 'LIMIT_BYTES'), ' at most']),
  all('docs/operating.md', ['and ', kib('history/history-file.ts', 'KEPT_BYTES'), ' are left']),
  all('docs/operating.md', ['up to ', kib('history/history-writer.ts', 'MAX_WAITING_BYTES'), ' of records']),
  all('docs/operating.md', ['longer than ', kib('history/write-record.ts', 'MAX_RECORD_BYTES')]),
  all('docs/operating.md', ['The log buffer keeps ', mib('log/line-writer.ts', 'MAX_BUFFERED_BYTES')]),
  all('docs/configuration.md', [
    'at most ',
    count('http/parse-proxy-header.ts', 'MAX_SECOND_BYTES'),
    ' bytes',
  ]),
]

t.test("the manual › the limits that it tells elsewhere are the program's", async t => {
  for (const { page, sentence } of await Promise.all(sentences))
    t.ok((await readFile(page, 'utf8')).replaceAll(/\s+/g, ' ').includes(sentence), `${page}: ${sentence}`)
})
