import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { startPostgres } from './postgres.ts'

const refuses = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  const [event] = await Promise.race([
    once(socket, 'error').then(() => ['error']),
    once(socket, 'connect').then(() => ['connect']),
  ])
  socket.destroy()
  return event === 'error'
}

t.test('startPostgres › several at once, each with databases of its own', async t => {
  await using first = await startPostgres()
  await using second = await startPostgres()
  const database = await first.createDatabase()
  t.strictSame(await first.query('select current_database() as name', { database }), [{ name: database }])
  await t.rejects(second.query('select 1', { database }), { code: '3D000' })
  await second.query('select 1')
})

t.test('startPostgres › stops and starts again on the same port, and is gone when disposed', async t => {
  const postgres = await startPostgres()
  await postgres.query('create table kept ()')
  await postgres.stop()
  t.ok(await refuses(postgres.port))
  await postgres.start()
  await postgres.query('select from kept')
  await postgres[Symbol.asyncDispose]()
  t.ok(await refuses(postgres.port))
  t.notOk(existsSync(postgres.socketDirectory))
})

for (const signal of ['SIGINT', 'SIGKILL'] as const)
  t.test(`startPostgres › leaves nothing behind when its process ends by ${signal}`, async t => {
    const script = `
      import { startPostgres } from '${import.meta.resolve('./postgres.ts')}'
      const { port, socketDirectory } = await startPostgres()
      console.log(port + ' ' + socketDirectory)`
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface({ input: owner.stdout }), 'line')
    const [port = '', socketDirectory = ''] = String(line).split(' ')
    t.notOk(await refuses(Number(port)))
    owner.kill(signal)
    for (let tries = 0; tries < 250 && existsSync(socketDirectory); tries += 1) await delay(20)
    t.notOk(existsSync(socketDirectory))
    t.ok(await refuses(Number(port)))
  })
