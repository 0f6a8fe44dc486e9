import { join } from 'node:path'
import t from 'tap'
import { lockFile } from './lock-file.ts'

t.test('lock › one holds it, and the next waits until it is given up', async t => {
  const file = join(t.testdir(), 'lock')
  const order: string[] = []
  const first = await lockFile(file)
  const second = lockFile(file).then(lock => {
    order.push('the second has it')
    return lock
  })
  const other = await lockFile(`${file}-other`)
  await other[Symbol.asyncDispose]()
  order.push('the first gives it up')
  await first[Symbol.asyncDispose]()
  await (await second)[Symbol.asyncDispose]()
  t.strictSame(order, ['the first gives it up', 'the second has it'])
})

t.test('lock › a file that cannot be opened is an error', async t => {
  await t.rejects(lockFile(join(t.testdir(), 'nowhere/lock')), { message: /cannot lock .*nowhere\/lock/ })
})
