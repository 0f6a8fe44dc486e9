import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { stringify } from 'yaml'
import { MAIN, runCommand } from '../support/run-command.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { takenPort } from '../support/taken-port.ts'

// What a process of the program does at its edge: its exit codes, and what becomes of its output.

const scratch = await createScratchDirectory('health-sidecar-main-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const config = join(scratch.path, 'config.yaml')
// nothing near it has changed a moment ago, so `check` does not wait for somebody to write it
const checks = [{ name: 'env', type: 'env', files: ['/nonexistent/env'], required: ['A'] }]
await writeFile(config, stringify({ checks }))

t.test('exit code › serve on an address that is taken is 70: systemd tries it again', async t => {
  const port = await takenPort(t)
  const state = join(scratch.path, 'state')
  await mkdir(state)
  const file = join(scratch.path, 'serve.yaml')
  const admin = { socket: join(state, 'admin.sock') }
  await writeFile(file, stringify({ listen: `127.0.0.1:${port}`, admin, state_dir: state, checks }))
  const { code, stderr } = await runCommand(['serve', '--config', file])
  t.equal(code, 70)
  t.match(stderr, /^health-sidecar: .*EADDRINUSE/)
})

t.test('exit code › a full disk under the output is 70', { skip: !existsSync('/dev/full') }, async t => {
  const command = [process.execPath, MAIN, 'config', '--config', config]
  const child = spawn('sh', ['-c', 'exec "$0" "$@" >/dev/full', ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {},
  })
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  t.equal(code, 70)
  t.match(stderr, /^health-sidecar: broke: cannot write the output: Error ENOSPC/)
})

t.test('exit code › is the verdict, though the reader of the output has gone', async t => {
  const child = spawn(process.execPath, [MAIN, 'check', '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {},
  })
  child.stdout.destroy()
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  t.strictSame([code, stderr], [2, ''])
})
