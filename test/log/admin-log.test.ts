import { Socket } from 'node:net'
import t from 'tap'
import { createAdminLog } from '../../src/log/admin-log.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { ManualClock } from '../support/manual-clock.ts'

const create = () => {
  const told: LogEvent[] = []
  const clock = new ManualClock()
  const log = createAdminLog({ logger: { log: (_level, event) => void told.push(event) }, clock })
  const refuse = (status: 403 | 421, asked?: string): void =>
    log.distrusted({
      status,
      asked,
      socket: Object.defineProperty(new Socket(), 'remoteAddress', { value: '::ffff:10.0.0.1' }),
    })
  return { log, refuse, told, clock }
}

t.test('admin log › a refused name, and what to do', async t => {
  const { refuse, told } = create()
  refuse(421, 'app1.example.com')
  t.strictSame(told, [
    {
      event: 'admin.refused',
      msg: 'the admin listener answered 421 to 10.0.0.1: it asked by the name app1.example.com; if this host has that name, add it to `admin.hosts` and restart the service; else ask by address',
      httpStatus: 421,
      remoteAddress: '10.0.0.1',
      unlogged: 0,
    },
  ])
})

t.test('admin log › a page from elsewhere', async t => {
  const { refuse, told } = create()
  refuse(403, 'localhost')
  t.match(told[0]?.msg, /answered 403 to 10\.0\.0\.1: a browser sent it on behalf of a page from elsewhere/)
})

t.test('admin log › what is no name is not shown', async t => {
  for (const asked of [undefined, 'a\nb', 'x'.repeat(101), 'password=s3cret', '<script>']) {
    const { refuse, told } = create()
    refuse(421, asked)
    t.match(told[0]?.msg, /: its Host is neither a name nor an address; ask by address$/)
  }
})

t.test('admin log › a client that asks on and on makes one line a minute of each status', async t => {
  const { refuse, told, clock } = create()
  for (let i = 0; i < 100; i += 1) refuse(421, `app${i}.example.com`)
  refuse(403)
  t.equal(told.length, 2)
  await clock.advance(60_000)
  refuse(421, 'app1.example.com')
  t.match(told[2], { msg: /10\.0\.0\.1 \(and 99 more since the last such line\): it asked/, unlogged: 99 })
})

t.test('admin log › an answer that cannot be made: where, and not with what', async t => {
  const { log, told, clock } = create()
  for (let i = 0; i < 3; i += 1) log.broke('/metrics', new TypeError('s3cret'))
  log.broke('/', new TypeError('s3cret'))
  t.match(told, [
    {
      event: 'admin.broke',
      msg: /^the admin listener cannot answer \/metrics: the program itself broke \(TypeError at admin-log\.test/,
    },
    { msg: /cannot answer \/: / },
  ])
  t.notMatch(JSON.stringify(told), /s3cret/)
  await clock.advance(60_000)
  log.broke('/metrics', 'x')
  t.match(told[2]?.msg, /\/metrics \(and 2 more since the last such line\): .*\(a thrown string\)/)
})
