import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { freePort } from '../../support/free-port.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { receiveLines } from './line-receiver.ts'
import { startProgram } from './start-program.ts'
import { until } from './until.ts'

const shipped = resolve('config/rsyslog/health-sidecar.conf')

/** What rsyslogd says of a configuration, but for its name and that it is done. */
const complaints = (file: string) => {
  const { status, stderr } = spawnSync('rsyslogd', ['-N1', '-f', file], { encoding: 'utf8', timeout: 30_000 })
  const isComplaint = (line: string) => line !== '' && !/config validation run|End of config/.test(line)
  return { status, lines: stderr.split('\n').filter(isComplaint) }
}

/** The text with a pattern replaced; a pattern that is no longer there is an error. */
const replaced = (text: string, pattern: RegExp, by: string): string => {
  if (!pattern.test(text)) throw new Error(`no ${pattern.source} in ${shipped}`)
  return text.replace(pattern, () => by)
}

/** The shipped file with its own other input, files, in the place of the journal, and a receiver on this machine. */
const start = async (t: Test, change = (text: string, _folder: string) => text) => {
  const scratch = await createScratchDirectory('health-sidecar-rsyslog-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const [spool, logs] = [join(scratch.path, 'spool'), join(scratch.path, 'logs')]
  for (const folder of [spool, logs]) mkdirSync(folder)
  const port = await freePort()
  let text = readFileSync(shipped, 'utf8')
  text = replaced(text, /^module\(load="imjournal"[^]*?\n}\n/m, '')
  text = replaced(text, /^#module\(load="imfile"\)$/m, 'module(load="imfile")')
  text = replaced(text, /^#input\(type="imfile" file="[^"]*"/m, `input(type="imfile" file="${logs}/*.log"`)
  text = replaced(text, /target="[^"]+" port="[^"]+"/, `target="127.0.0.1" port="${port}"`)
  const file = join(scratch.path, 'rsyslog.conf')
  writeFileSync(file, `global(workDirectory="${spool}")\n${change(text, scratch.path)}`)
  t.strictSame(complaints(file), { status: 0, lines: [] })
  return {
    port,
    folder: scratch.path,
    log: (line: string) => appendFileSync(join(logs, 'health-sidecar.log'), `${line}\n`),
    /** How much waits on disk. */
    queued: () =>
      readdirSync(spool)
        .filter(name => /^health-sidecar\.\d+$/.test(name))
        .map(name => readFileSync(join(spool, name), 'latin1').match(/^\+pszRawMsg:/gm)?.length ?? 0)
        .reduce((sum, count) => sum + count, 0),
    run: () => startProgram(t, ['rsyslogd', '-n', '-iNONE', '-f', file]),
  }
}

const eventLine = (i: number, padding = 100) =>
  JSON.stringify({ level: 'info', event: 'check.changed', i, msg: `"é\\ \u0001\t${'x'.repeat(padding)}` })

/** The longest that the journal keeps in one piece. */
const LONGEST = 48 * 1024

t.test('rsyslog › takes the shipped configuration, alone and in Debian’s own', async t => {
  t.strictSame(complaints(shipped), { status: 0, lines: [] })
  const scratch = await createScratchDirectory('health-sidecar-rsyslog-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const file = join(scratch.path, 'rsyslog.conf')
  const debian = readFileSync('/etc/rsyslog.conf', 'utf8')
  writeFileSync(file, replaced(debian, /^\$IncludeConfig .*$/m, `$IncludeConfig ${shipped}`))
  t.strictSame(complaints(file), { status: 0, lines: [] })
})

t.test(
  'rsyslog › ships every line complete, whatever becomes of the receiver and of rsyslog itself',
  async t => {
    const { port, log, queued, run } = await start(t)
    const logged: string[] = []
    const logAll = (count: number, padding?: number) => {
      for (let i = 0; i < count; i += 1) {
        const line = eventLine(logged.length, padding)
        logged.push(line)
        log(line)
      }
    }
    const received: string[] = []
    const distinct = () => new Set(received)
    const allArrived = () =>
      until(
        () => distinct().size >= logged.length,
        () => ({ logged: logged.length, received: received.length }),
      )

    logAll(1000)
    logAll(3, LONGEST - 200)
    const stop = await run()
    await until(() => queued() >= logged.length, queued)
    await stop()
    logAll(100)
    t.ok(queued() >= 1000, 'what nobody took is on disk')

    const stopAgain = await run()
    const first = await receiveLines(t, port, received)
    await allArrived()
    await first[Symbol.asyncDispose]()
    logAll(100)
    await receiveLines(t, port, received)
    await allArrived()
    logAll(100)
    await allArrived()
    await stopAgain('SIGKILL')
    logAll(100)
    const stopAtLast = await run()
    await allArrived()
    const known = new Set(logged)
    const strangers = received.filter(line => !known.has(line))
    t.strictSame(strangers, [], 'all have arrived, as they were written')
    t.ok(received.length < logged.length + 100, 'few of them twice')

    log('health-sidecar: broke "here"')
    await until(
      () => received.at(-1)?.includes('broke') ?? false,
      () => received.at(-1),
    )
    t.match(JSON.parse(received.at(-1) ?? ''), {
      level: 'error',
      event: 'process.output',
      msg: 'health-sidecar: broke "here"',
      time: /^\d{4}-\d\d-\d\dT/,
    })
    await stopAtLast()
  },
)

/** A journal of these lines, each of a unit, as journald keeps it. */
const writeJournal = (file: string, lines: readonly (readonly [unit: string, line: string])[]): void => {
  const [machine, boot] = ['b'.repeat(32), 'a'.repeat(32)]
  const entries = lines.map(([unit, line], i) =>
    [
      `__REALTIME_TIMESTAMP=${1_795_400_000_000_000 + i}`,
      `__MONOTONIC_TIMESTAMP=${i + 1}`,
      `_BOOT_ID=${boot}`,
      `_MACHINE_ID=${machine}`,
      `_SYSTEMD_UNIT=${unit}`,
      `MESSAGE=${line}`,
      '\n',
    ].join('\n'),
  )
  execFileSync('/lib/systemd/systemd-journal-remote', ['-o', file, '-'], {
    input: entries.join(''),
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: 30_000,
  })
}

t.test('rsyslog › ships the lines of the unit from the journal, and of no other', async t => {
  const scratch = await createScratchDirectory('health-sidecar-rsyslog-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const port = await freePort()
  const logged = Array.from({ length: 100 }, (_, i) => eventLine(i, i === 50 ? LONGEST - 200 : 100))
  const journal = join(scratch.path, 'system.journal')
  writeJournal(
    journal,
    logged.flatMap((line, i) => [
      [`health-sidecar${i % 2 === 0 ? '' : '@shop'}.service`, line],
      ['other.service', '{"event":"of another"}'],
    ]),
  )
  const [file, rules, syslog] = ['rsyslog.conf', 'rsyslog.d', 'syslog'].map(name =>
    join(scratch.path, name),
  ) as [string, string, string]
  const text = replaced(
    readFileSync(shipped, 'utf8'),
    /target="[^"]+" port="[^"]+"/,
    `target="127.0.0.1" port="${port}"`,
  )
  mkdirSync(rules)
  writeFileSync(join(rules, /Copy to \/etc\/rsyslog\.d\/(\S+\.conf)/.exec(text)?.[1] ?? ''), text)
  writeFileSync(join(rules, '50-default.conf'), `*.*;auth,authpriv.none -${syslog}\n`)
  const host = join(scratch.path, 'host')
  writeFileSync(host, 'from elsewhere\n')
  writeFileSync(
    file,
    `global(workDirectory="${scratch.path}")
    module(load="imfile")
    input(type="imfile" file="${host}" tag="host")
    $IncludeConfig ${rules}/*.conf
    `,
  )
  const receiver = await receiveLines(t, port)
  // in a place of its own, where this is the journal of the machine
  const script = `
    mkdir -p /run/log && mount -t tmpfs tmpfs /run/log
    place=/run/log/journal/$(cat /etc/machine-id)
    mkdir -p "$place" && cp "$1" "$place"
    exec rsyslogd -n -iNONE -f "$0"`
  const stop = await startProgram(t, ['unshare', '--mount', 'sh', '-c', script, file, journal])
  await until(
    () => receiver.lines.length >= logged.length && existsSync(syslog),
    () => receiver.lines.length,
  )
  await stop()
  t.strictSame(receiver.lines, logged)
  const written = readFileSync(syslog, 'utf8')
  t.match(written, 'from elsewhere', 'the host’s own rules are in force')
  t.notMatch(written, /"event"/, 'and write nothing twice that the host has from elsewhere')
})

t.test('rsyslog › a queue that is full holds up no other log of the host', async t => {
  const { folder, log, run } = await start(t, (text, folder) => {
    const small = replaced(text, /queue\.maxDiskSpace="[^"]+"/, 'queue.maxDiskSpace="100k"')
    const input = `input(type="imfile" file="${folder}/other" tag="other")`
    return `${small}${input}\nif $syslogtag == "other" then action(type="omfile" file="${folder}/written")\n`
  })
  for (let i = 0; i < 2000; i += 1) log(eventLine(i))
  const stop = await run()
  const written = join(folder, 'written')
  for (const line of ['first', 'second']) {
    appendFileSync(join(folder, 'other'), `${line}\n`)
    await until(
      () => existsSync(written) && readFileSync(written, 'utf8').includes(line),
      () => line,
    )
  }
  await stop()
})
