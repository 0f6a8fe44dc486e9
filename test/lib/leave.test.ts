import { execFile } from 'node:child_process'
import { copyFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { createScratchDirectory } from '../support/scratch-directory.ts'

const scratch = await createScratchDirectory('health-sidecar-leave-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const node = join(scratch.path, 'node')
await copyFile(process.execPath, node)

const leaving = (before: string): readonly string[] => [
  '--input-type=module',
  '--eval',
  `import { unlinkSync } from 'node:fs'
  import { leave } from ${JSON.stringify(resolve('src/lib/leave.ts'))}
  ${before}
  leave(3)`,
]

t.test('leave › ends with the code, though a timer runs', async t => {
  await t.rejects(promisify(execFile)(node, leaving('setInterval(() => {}, 1000)')), {
    code: 3,
    signal: null,
  })
})

t.test('leave › ends with the code where an upgrade has taken Node away', async t => {
  await t.rejects(promisify(execFile)(node, leaving('unlinkSync(process.execPath)')), {
    code: 3,
    signal: null,
  })
})
