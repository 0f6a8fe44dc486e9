import t from 'tap'
import { parse } from 'yaml'
import { at, lacks, pathOf, readExample, runProgram } from '../examples/example.ts'

const example = 'vector/health-sidecar.yaml'

/** Of those in the reference (vector.dev/docs/reference/configuration, 0.58). */
const documented: Readonly<Record<string, readonly string[]>> = {
  journald: ['include_units', 'current_boot_only'],
  file: ['include'],
  remap: ['inputs', 'source'],
  socket: ['inputs', 'mode', 'address', 'encoding', 'framing', 'acknowledgements', 'buffer'],
}
/** A disk buffer's least size, in bytes (the same reference). */
const MIN_DISK_BUFFER_BYTES = 268_435_488

/** The example with files in the place of the journal, as its comments say. */
const fromFiles = (text: string): string => {
  const [begin, end] = [text.indexOf('  # the journal,'), text.indexOf('transforms:')]
  const file = text.slice(text.indexOf('  # health-sidecar:'), end).replace(/^ {2}# /gm, '  ')
  return text.slice(0, begin) + file + text.slice(end)
}

t.test('vector › reads the unit’s journal or files, and holds on disk what nobody takes', async t => {
  const text = await readExample(example)
  for (const [source, variant] of [
    ['journald', text],
    ['file', fromFiles(text)],
  ] as const) {
    const config: unknown = parse(variant)
    t.match(config, {
      sources: { 'health-sidecar': { type: source } },
      transforms: {
        'health-sidecar-event': {
          type: 'remap',
          inputs: ['health-sidecar'],
          source: /^ *\.timestamp = parse_timestamp\(\.time, "%\+"\) \?\? now\(\)$/m,
        },
      },
      sinks: {
        'health-sidecar-aggregator': {
          type: 'socket',
          mode: 'tcp',
          inputs: ['health-sidecar-event'],
          address: 'logs.example.com:5170',
          encoding: { codec: 'json', except_fields: ['timestamp'] },
          framing: { method: 'newline_delimited' },
          buffer: { type: 'disk', when_full: 'block' },
        },
      },
    })
    for (const kind of ['sources', 'transforms', 'sinks'])
      for (const component of Object.values(at(config, kind) as object)) {
        const { type, ...options } = component as { readonly type: string }
        t.strictSame(
          Object.keys(options).filter(key => !documented[type]?.includes(key)),
          [],
          type,
        )
      }
  }
  t.strictSame(at(parse(text), 'sources', 'health-sidecar', 'type'), 'journald')
  t.ok(
    Number(at(parse(text), 'sinks', 'health-sidecar-aggregator', 'buffer', 'max_size')) >=
      MIN_DISK_BUFFER_BYTES,
  )
})

t.test('vector › takes the configuration', { skip: lacks('vector') }, async t => {
  t.match(await runProgram(['vector', 'validate', '--no-environment', pathOf(example)]), { code: 0 })
})
