import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { command } from '../../../src/checks/command/command.ts'
import type { CommandConfig } from '../../../src/checks/command/config.ts'
import { gist, messageOf } from '../smoke/run-smoke.ts'

const create = (keys: Partial<CommandConfig> & Pick<CommandConfig, 'command'>) =>
  command.create({ show_output: false, ...keys }, {} as never)

const run = async (keys: Parameters<typeof create>[0], signal: AbortSignal = AbortSignal.timeout(20_000)) => {
  await using check = create(keys)
  return await check.run(signal)
}

const shell = (script: string) => ['/bin/sh', '-c', script]

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const ends = async (pid: number): Promise<void> => {
  while (isRunning(pid)) await new Promise(setImmediate)
}

const scratch = async (test: Test): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'command-'))
  test.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

t.test('command › the exit status is that of a Nagios plugin', async t => {
  const gistOf = async (status: number) => gist(await run({ command: shell(`exit ${status}`) }))
  t.equal(await gistOf(0), 'pass')
  t.equal(await gistOf(1), 'warn COMMAND_WARNS')
  t.equal(await gistOf(2), 'fail COMMAND_FAILED')
  t.equal(await gistOf(3), 'unknown COMMAND_UNKNOWN')
  t.equal(await gistOf(4), 'unknown COMMAND_UNKNOWN')
  t.equal(await gistOf(127), 'unknown COMMAND_UNKNOWN')
})

t.test('command › a program that cannot be started, or is killed, is unknown', async t => {
  t.equal(gist(await run({ command: ['/nowhere/at/all'] })), 'unknown COMMAND_NOT_STARTED')
  t.equal(gist(await run({ command: ['/etc/passwd'] })), 'unknown COMMAND_NOT_STARTED')
  t.equal(gist(await run({ command: shell('kill -SEGV $$') })), 'unknown COMMAND_KILLED')
})

t.test('command › the message says what to do', async t => {
  const message = async (...keys: Parameters<typeof run>) => messageOf(await run(...keys))
  t.match(
    await message({ command: ['/nowhere/at/all'] }),
    /^cannot start all \(ENOENT\): there is no such file/,
  )
  t.match(
    await message({ command: ['/etc/passwd'] }),
    /^cannot start passwd \(EACCES\): .* may not execute it/,
  )
  t.match(await message({ command: ['true'] }), /^cannot start true \(RELATIVE\): its path is not absolute/)
  t.match(
    await message({ command: shell('nowhere') }),
    /^sh exited with 127, which a shell does for a program that it does not find: give it a PATH/,
  )
  t.match(await message({ command: shell('exit 2') }), /: set show_output, or run it by hand/)
  t.match(
    await message({ command: shell('exit 2'), show_output: true }),
    /: see its output, or run it by hand/,
  )
})

t.test('command › no shell reads the arguments, and the environment is what is given', async t => {
  const exact = await run({ command: ['/usr/bin/printf', '%s', '$HOME; exit 2'], show_output: true })
  t.match(exact, { status: 'pass', evidence: { output: ['$HOME; exit 2'] } })
  const { evidence } = await run({
    command: ['/usr/bin/env'],
    environment: { TOKEN: 'a b' },
    show_output: true,
  })
  const lines = evidence?.['output'] as readonly string[]
  // tap adds variables of its own to every process that a test starts
  t.strictSame(
    lines.filter(line => !line.startsWith('_TAPJS_')),
    ['TOKEN=a b'],
  )
})

t.test('command › the output is shown only where that is configured, and bounded', async t => {
  const hidden = await run({ command: shell('echo hunter2; exit 2') })
  t.notMatch(JSON.stringify(hidden), /hunter2/)
  const shown = await run({ command: shell('echo one; echo; echo two; exit 2'), show_output: true })
  t.match(shown, { status: 'fail', evidence: { exitStatus: 2, output: ['one', 'two'] } })
  const flood = await run({ command: shell('head -c 10000000 /dev/zero | tr "\\0" x'), show_output: true })
  t.equal(flood.status, 'pass', 'the program does not block on a full pipe')
  t.equal(JSON.stringify(flood.evidence?.['output']).length, 4096 + '[""]'.length)
})

t.test('command › at the timeout, the program is killed with its children', async t => {
  const file = join(await scratch(t), 'pids')
  const controller = new AbortController()
  const script = `sleep 60 & echo $$ $! > ${file}.new; mv ${file}.new ${file}; wait`
  await using check = create({ command: shell(script), environment: { PATH: '/usr/bin:/bin' } })
  const running = check.run(controller.signal)
  let pids: number[] | undefined
  while (!pids) pids = (await readFile(file, 'utf8').catch(() => undefined))?.trim().split(' ').map(Number)
  controller.abort()
  const finding = await running
  t.equal(gist(finding), 'unknown COMMAND_TIMED_OUT')
  t.match(messageOf(finding), /^sh did not exit in time and was killed, with its children/)
  t.equal(pids.length, 2)
  for (const pid of pids) await ends(pid)
})

t.test('command › a child that the program leaves behind is killed, and is not waited for', async t => {
  const finding = await run({
    command: shell('sleep 60 & echo $!'),
    environment: { PATH: '/usr/bin:/bin' },
    show_output: true,
  })
  t.equal(finding.status, 'pass')
  const lines = finding.evidence?.['output'] as readonly string[]
  await ends(Number(lines[0]))
})

t.test('command › disposal kills what runs', async t => {
  const file = join(await scratch(t), 'pid')
  const check = create({
    command: shell(`echo $$ > ${file}; exec sleep 60`),
    environment: { PATH: '/usr/bin:/bin' },
  })
  const running = check.run(new AbortController().signal)
  let pid = 0
  while (!pid) pid = Number(await readFile(file, 'utf8').catch(() => ''))
  await check[Symbol.asyncDispose]()
  t.equal(gist(await running), 'unknown COMMAND_KILLED')
  t.notOk(isRunning(pid))
})
