import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createScratchDirectory } from './scratch-directory.ts'

const sleeper = (cwd: string) => spawn('sleep', ['60'], { cwd, stdio: 'ignore' })

t.test('scratch directory › is removed with what is in it, and what it adopted ends first', async t => {
  const scratch = await createScratchDirectory('hs-scratch-')
  await writeFile(join(scratch.path, 'file'), '')
  const child = sleeper(scratch.path)
  const ended = once(child, 'exit')
  scratch.adopt(child)
  await scratch[Symbol.asyncDispose]()
  t.notOk(existsSync(scratch.path))
  t.strictSame(await ended, [null, 'SIGTERM'])
})

t.test(
  "scratch directory › leaves alone what it did not adopt, and another's process of an old number",
  async t => {
    const scratch = await createScratchDirectory('hs-scratch-')
    const visitor = sleeper(scratch.path)
    const elsewhere = sleeper('/')
    scratch.adopt(elsewhere)
    await scratch[Symbol.asyncDispose]()
    t.ok(visitor.kill('SIGKILL') && elsewhere.kill('SIGKILL'))
    t.strictSame(await once(visitor, 'exit'), [null, 'SIGKILL'])
    t.strictSame([elsewhere.exitCode, elsewhere.signalCode === 'SIGTERM'], [null, false])
  },
)

t.test('scratch directory › what is adopted does not outlive a process that is killed', async t => {
  const script = `
    import { spawn } from 'node:child_process'
    import { createScratchDirectory } from '${import.meta.resolve('./scratch-directory.ts')}'
    const { path, adopt } = await createScratchDirectory('hs-scratch-')
    console.log(path)
    const child = spawn('sh', ['-c', 'read adopted; echo works; exec sleep 60'], { cwd: path, stdio: ['pipe', 'inherit', 'ignore'] })
    adopt(child)
    child.stdin.write('adopted\\n')`
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const paths: string[] = []
  // ends when nobody holds the pipe any more: the child neither
  for await (const line of createInterface({ input: owner.stdout })) {
    if (line === 'works') t.ok(owner.kill('SIGKILL'))
    else paths.push(line)
  }
  t.equal(paths.length, 1)
  for (const path of paths) {
    for (let tries = 0; tries < 250 && existsSync(path); tries += 1) await delay(20)
    t.notOk(existsSync(path))
  }
})
