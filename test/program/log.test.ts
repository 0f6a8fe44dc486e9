import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { freePort } from '../support/free-port.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'

/** What JOURNAL_STREAM says where stdout is this file. */
const streamOf = (file: string): string => {
  const { dev, ino } = statSync(file)
  return `${dev}:${ino}`
}

/** Leads a sidecar through a day: ill, well, refused a configuration, asked for its status, drained. Answers its log. */
const logOfADay = async (t: Test, envOf: (log: string) => Readonly<Record<string, string>>) => {
  const scratch = await createScratchDirectory('health-sidecar-log-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const [socket, log] = [join(scratch.path, 'app.sock'), join(scratch.path, 'stdout')]
  const output = openSync(log, 'a')
  t.teardown(() => closeSync(output))
  const sidecar = await startSidecar({
    scratch,
    port: await freePort(),
    output,
    env: envOf(log),
    config: {
      log: { level: 'debug', probes: 'all' },
      release: 'v1',
      startup: { healthy_threshold: 1 },
      drain: { wait: '1ms' },
      checks: [
        {
          name: 'page',
          type: 'smoke',
          target: `http+unix:${socket}`,
          samples: 2,
          interval: '100ms',
          fresh_for: '10ms',
        },
        { name: 'env', type: 'env', files: [join(scratch.path, 'none')], required: ['KEY'], gate: 'startup' },
      ],
    },
  })
  t.teardown(() => sidecar[Symbol.asyncDispose]())
  const lines = () => readFileSync(log, 'utf8').split('\n').slice(0, -1)
  const logged = (event: string) => sidecar.waitFor(() => lines().some(line => line.includes(`"${event}"`)))

  await sidecar.probe()
  const server = createServer((_request, response) => response.end('page'))
  server.listen(socket)
  await once(server, 'listening')
  t.teardown(() => void server.close())
  await writeFile(join(scratch.path, 'none'), 'KEY=value\n')
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  const text = readFileSync(sidecar.configFile, 'utf8')
  await writeFile(sidecar.configFile, 'checks: []\n')
  process.kill(sidecar.pid, 'SIGHUP')
  await logged('config.refused')
  await writeFile(sidecar.configFile, text)
  process.kill(sidecar.pid, 'SIGHUP')
  await logged('config.unchanged')
  process.kill(sidecar.pid, 'SIGUSR1')
  await logged('status.reported')
  t.equal(await sidecar.stop(), 0)
  return lines()
}

const typeOf = (value: unknown): string =>
  Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value

/** The type of each member of each line, by its path. */
const typesOf = (value: object, path = ''): readonly (readonly [path: string, type: string])[] =>
  Object.entries(value).flatMap(([name, member]) => {
    const at = `${path}${name}`
    const type = typeOf(member)
    return [[at, type] as const, ...(type === 'object' ? typesOf(member, `${at}.`) : [])]
  })

t.test(
  'log › lines that are JSON alone to all but the journal, each member of one type whatever the event',
  async t => {
    const lines = await logOfADay(t, () => ({ JOURNAL_STREAM: 'of:another' }))
    const events = lines.map((line): { readonly event: string } => JSON.parse(line))
    const seen = new Set(events.map(({ event }) => event))
    for (const event of [
      'check.answered',
      'check.changed',
      'config.loaded',
      'config.refused',
      'daemon.listening',
      'daemon.stopped',
      'drain.started',
      'probe.answered',
      'status.reported',
      'verdict.changed',
    ])
      t.ok(seen.has(event), event)
    const types = new Map<string, Set<string>>()
    for (const [path, type] of events.flatMap(event => typesOf(event)))
      types.set(path, (types.get(path) ?? new Set()).add(type))
    t.strictSame(
      [...types].filter(([, { size }]) => size > 1),
      [],
    )
  },
)

t.test('log › the journal is told the priority of each line', async t => {
  const journal = await logOfADay(t, log => {
    return { JOURNAL_STREAM: streamOf(log) }
  })
  const priorities: Readonly<Record<string, string>> = { debug: '7', info: '6', warn: '4', error: '3' }
  const lines = journal.map(line => /^<(?<priority>\d)>(?<json>\{.*)/.exec(line)?.groups)
  t.strictSame(
    lines.map(line => line?.['priority']),
    lines.map(line => priorities[JSON.parse(line?.['json'] ?? '{}').level]),
  )
  t.ok(['7', '6', '3'].every(priority => lines.some(line => line?.['priority'] === priority)))
})

t.test(
  'log › lines that are lost at the end are told by the log that is left: the main one, or stderr',
  async t => {
    const scratch = await createScratchDirectory('health-sidecar-log-')
    t.teardown(() => scratch[Symbol.asyncDispose]())
    const main = join(scratch.path, 'main.log')
    const run = async (log: object): Promise<string> => {
      const sidecar = await startSidecar({
        scratch,
        port: await freePort(),
        config: {
          log,
          drain: { wait: '1ms' },
          checks: [{ name: 'page', type: 'smoke', target: 'http+unix:/nonexistent/app.sock' }],
        },
      })
      t.teardown(() => sidecar[Symbol.asyncDispose]())
      for (let i = 0; i < 3; i += 1) await sidecar.probe()
      t.equal(await sidecar.stop(), 0)
      return await sidecar.log()
    }
    await run({ file: main, probes: 'file:/dev/full' })
    const told = readFileSync(main, 'utf8')
      .split('\n')
      .find(line => line.includes('log.dropped'))
    t.match(JSON.parse(told ?? '{}'), { level: 'error', dropped: 3, why: 'ENOSPC', file: '/dev/full' })
    t.match(
      await run({ file: '/dev/full' }),
      /^health-sidecar: \d+ log lines are missing at the end of \/dev\/full \(ENOSPC\); check the disk and the destination of the log$/m,
    )
  },
)

t.test(
  'log › files that cannot be opened take no host out: stdout has the log, and SIGHUP tries again',
  async t => {
    const scratch = await createScratchDirectory('health-sidecar-log-')
    t.teardown(() => scratch[Symbol.asyncDispose]())
    const folder = join(scratch.path, 'logs')
    const [main, probes] = [join(folder, 'main.log'), join(folder, 'probes.log')]
    const stdout = join(scratch.path, 'sidecar.log')
    writeFileSync(stdout, '')
    const sidecar = await startSidecar({
      scratch,
      port: await freePort(),
      env: { JOURNAL_STREAM: streamOf(stdout) },
      config: {
        log: { file: main, probes: `file:${probes}` },
        drain: { wait: '1ms' },
        checks: [{ name: 'page', type: 'smoke', target: 'http+unix:/nonexistent/app.sock' }],
      },
    })
    t.teardown(() => sidecar[Symbol.asyncDispose]())
    t.match(await sidecar.probe(), { status: 503 })
    await sidecar.waitFor(() => readFileSync(stdout, 'utf8').includes('"daemon.listening"'))
    const before = await sidecar.log()
    for (const file of [main, probes])
      t.match(before, `"event":"log.open_failed","msg":"cannot open log ${file} (ENOENT)`)
    t.match(before, /^<3>\{.*"log.open_failed"/, 'as an error, to the journal')
    t.match(before, /"daemon.listening"/)
    mkdirSync(folder)
    process.kill(sidecar.pid, 'SIGHUP')
    await sidecar.waitFor(() => existsSync(main) && readFileSync(main, 'utf8').includes('config.unchanged'))
    await sidecar.probe()
    t.equal(await sidecar.stop(), 0)
    t.match(
      readFileSync(probes, 'utf8'),
      /^\{.*"log.dropped".*"dropped":1,"why":"ENOENT"\}\n\{.*"probe.answered".*\n$/,
    )
    t.match(readFileSync(main, 'utf8'), /^\{(.*\n\{)*.*"daemon.stopped".*\n$/)
    t.notMatch(await sidecar.log(), /"daemon.stopped"/)
  },
)
