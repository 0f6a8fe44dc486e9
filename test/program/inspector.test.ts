import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { stringify } from 'yaml'
import { freePort } from '../support/free-port.ts'
import { MAIN } from '../support/run-command.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

const launcher = readFileSync(join(import.meta.dirname, '../../packaging/launcher'), 'utf8')
const daemonFlags = /^daemon='(--.*)'$/m.exec(launcher)?.[1]?.split(' ') ?? []
const commandFlags = /set -- (--disable.*?) \/usr/.exec(launcher)?.[1]?.split(' ') ?? []

/** SIGUSR1 in the masks of /proc/pid/status (proc(5)). Before Node knows the signal, it ends the process. */
const SIGUSR1 = 0x200n
const handlesSignal = (pid = 0): boolean => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Array.from(status.matchAll(/^Sig(?:Blk|Cgt):\s*([\da-f]+)$/gm), ([, mask]) =>
    BigInt(`0x${mask}`),
  ).some(mask => (mask & SIGUSR1) !== 0n)
}

/** What a command says while it gets SIGUSR1 all the time, from its first moment until `isOver`. */
const signalled = async (args: readonly string[], isOver: (output: string) => boolean): Promise<string> => {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += String(chunk)))
  while (!handlesSignal(child.pid)) await turn()
  while (child.exitCode === null && child.signalCode === null && !isOver(output)) {
    child.kill('SIGUSR1')
    await turn()
  }
  child.kill('SIGKILL')
  return output
}

t.test('SIGUSR1 › opens no inspector at any moment, in any command', async t => {
  await using scratch = await createScratchDirectory('health-sidecar-inspector-')
  const config = join(scratch.path, 'config.yaml')
  await writeFile(
    config,
    stringify({
      listen: `127.0.0.1:${await freePort()}`,
      admin: { socket: join(scratch.path, 'admin.sock') },
      state_dir: scratch.path,
      checks: [{ name: 'page', type: 'smoke', target: 'http+unix:/nonexistent' }],
    }),
  )
  const serve = await signalled([...daemonFlags, MAIN, 'serve', '--config', config], output =>
    output.includes('status.reported'),
  )
  t.match(serve, /"event":"status\.reported"/, 'it is still the signal that logs the status')
  t.notMatch(serve, /Debugger listening|docs\/inspector/)

  const check = await signalled([...commandFlags, MAIN, 'check', '--config', config], () => false)
  t.match(check, /SMOKE_SOCKET_MISSING/)
  t.notMatch(check, /inspector|Debugger/)
})

t.test('SIGUSR1 › started without the launcher, it opens none once the program runs', async t => {
  const program = `import ${JSON.stringify(join(import.meta.dirname, '../../src/lib/close-inspector.ts'))}
    console.log('runs'); setTimeout(() => {}, 60_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let errors = ''
  child.stderr.on('data', chunk => (errors += String(chunk)))
  await new Promise(resolve => child.stdout.once('data', resolve))
  for (let i = 0; i < 100; i += 1) {
    child.kill('SIGUSR1')
    await turn()
  }
  child.kill('SIGTERM')
  await new Promise(resolve => child.once('close', resolve))
  t.equal(errors, '')
})
