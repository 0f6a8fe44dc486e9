import { appendFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { freePort } from '../../support/free-port.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { at, lacks, pathOf, readExample, replaceAll, runProgram } from '../examples/example.ts'
import { receiveLines } from './line-receiver.ts'
import { startProgram } from './start-program.ts'
import { until } from './until.ts'

const example = 'fluent-bit/health-sidecar.yaml'

/** Of those that `fluent-bit -i systemd -h` and the like list, and the manual has (docs.fluentbit.io, 5.1). */
const documented: Readonly<Record<string, readonly string[]>> = {
  systemd: ['tag', 'systemd_filter', 'read_from_tail', 'db', 'storage.type'],
  tail: ['tag', 'path', 'read_from_head', 'buffer_max_size', 'db', 'storage.type'],
  parser: ['match', 'key_name', 'parser'],
  tcp: ['match', 'host', 'port', 'format', 'json_date_key', 'retry_limit', 'storage.total_limit_size'],
}

/** The example with files in the place of the journal, as its comments say. */
const fromFiles = (text: string): string => {
  const [begin, end] = [text.indexOf('    # the journal,'), text.indexOf('  filters:')]
  const tail = text.slice(text.indexOf('    # - name: tail'), end).replace(/^ {4}# /gm, '    ')
  return replaceAll(text.slice(0, begin) + tail + text.slice(end), { 'key_name: MESSAGE': 'key_name: log' })
}

t.test('fluent-bit › reads the unit’s journal or files, and holds on disk what nobody takes', async t => {
  const text = await readExample(example)
  for (const [input, variant] of [
    ['systemd', text],
    ['tail', fromFiles(text)],
  ] as const) {
    const config: unknown = parse(variant)
    t.match(config, {
      service: { 'storage.path': String },
      parsers: [{ name: 'health-sidecar', format: 'json', time_key: 'time', time_keep: 'on' }],
      pipeline: {
        inputs: [{ name: input, 'storage.type': 'filesystem', db: String }],
        filters: [{ name: 'parser', parser: 'health-sidecar' }],
        outputs: [{ name: 'tcp', host: 'logs.example.com', format: 'json_lines', retry_limit: 'no_limits' }],
      },
    })
    for (const kind of ['inputs', 'filters', 'outputs']) {
      const { name, ...options } = at(config, 'pipeline', kind) as { readonly name: string }
      t.strictSame(
        Object.keys(options).filter(key => !documented[name]?.includes(key)),
        [],
        name,
      )
    }
  }
  t.equal(at(parse(text), 'pipeline', 'inputs', 'systemd_filter'), '_SYSTEMD_UNIT=health-sidecar.service')
})

t.test('fluent-bit › takes the configuration', { skip: lacks('fluent-bit') }, async t => {
  const dryRun = async (file: string) => (await runProgram(['fluent-bit', '--dry-run', '-c', file])).code
  t.equal(await dryRun(pathOf(example)), 0)
  const scratch = await createScratchDirectory('health-sidecar-fluent-bit-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const wrong = join(scratch.path, 'wrong.yaml')
  writeFileSync(wrong, replaceAll(await readExample(example), { 'read_from_tail:': 'read_from_nowhere:' }))
  t.not(await dryRun(wrong), 0, 'and not just any')
})

t.test(
  'fluent-bit › ships every line, whatever becomes of the receiver and of itself',
  { skip: lacks('fluent-bit') },
  async t => {
    const scratch = await createScratchDirectory('health-sidecar-fluent-bit-')
    t.teardown(() => scratch[Symbol.asyncDispose]())
    const [state, logs] = [join(scratch.path, 'state'), join(scratch.path, 'logs')]
    for (const folder of [state, logs]) mkdirSync(folder)
    const port = await freePort()
    const file = join(scratch.path, 'fluent-bit.yaml')
    const text = replaceAll(fromFiles(await readExample(example)), {
      '/var/lib/fluent-bit': state,
      '/var/log/health-sidecar': logs,
      'logs.example.com': '127.0.0.1',
      'port: 5170': `port: ${port}`,
    })
    writeFileSync(file, text)
    const run = () => startProgram(t, ['fluent-bit', '-c', file])
    const logged: object[] = []
    const log = (count: number, padding = 100): void => {
      for (let i = 0; i < count; i += 1) {
        const event = {
          level: 'info',
          time: new Date().toISOString(),
          event: 'x',
          i: logged.length,
          msg: `"é\\\u0001${'x'.repeat(padding)}`,
        }
        logged.push(event)
        appendFileSync(join(logs, 'health-sidecar.log'), `${JSON.stringify(event)}\n`)
      }
    }
    const received: string[] = []
    const allArrived = () =>
      until(
        () => new Set(received).size >= logged.length,
        () => ({ logged: logged.length, received: received.length }),
      )
    log(500)
    log(2, 48 * 1024 - 200)
    const stop = await run()
    const onDisk = () =>
      readdirSync(state, { recursive: true, withFileTypes: true })
        .filter(entry => entry.name.endsWith('.flb'))
        .reduce((bytes, entry) => bytes + statSync(join(entry.parentPath, entry.name)).size, 0)
    await until(() => onDisk() > 100_000, onDisk)
    await stop()
    log(100)
    const stopAgain = await run()
    const first = await receiveLines(t, port, received)
    await allArrived()
    await first[Symbol.asyncDispose]()
    log(100)
    await receiveLines(t, port, received)
    await allArrived()
    const byNumber = received.map((line): { i: number } => JSON.parse(line)).sort((a, b) => a.i - b.i)
    t.strictSame(byNumber, logged)
    await stopAgain()
  },
)
