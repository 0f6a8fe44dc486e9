import t from 'tap'
import { createStats, parseStats } from '../../../src/checks/smoke/uwsgi-stats.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { serve } from './fake-server.ts'

const worker = (status: string, requests: number) => ({ id: 1, status, requests, apps: [] })
const stats = (...workers: readonly object[]) =>
  JSON.stringify({ version: '2.0.21', listen_queue: 3, load: 1, workers })

t.test('uWSGI statistics › count the workers, those that are busy, and the requests', async t => {
  t.strictSame(parseStats(stats(worker('busy', 5), worker('idle', 7), worker('cheap', 0))), {
    workers: 2,
    workersBusy: 1,
    listenQueue: 3,
    requests: 12,
  })
})

t.test('uWSGI statistics › what is something else is not understood', async t => {
  for (const text of ['', 'HTTP/1.1 200 OK', '[]', '{}', 'null', '{"workers":{}}', '{"workers":'])
    t.equal(parseStats(text), undefined, text)
  t.match(parseStats('{"workers":[null,1,{"status":[],"requests":"many"}],"listen_queue":1e999}'), {
    workers: 1,
    listenQueue: 0,
    requests: 0,
  })
})

t.test('uWSGI statistics › are compared with the last ones; a restart is no standstill', async t => {
  let text = stats(worker('busy', 5))
  const app = await serve(t, () => {})
  const { path } = app
  const server = await serve(t, () => {}, { greet: socket => void socket.end(text) })
  const clock = new ManualClock()
  const read = createStats({ path: server.path }, clock)
  const never = new AbortController().signal
  t.match(await read(never), { requestsCompleted: undefined, idleForMs: 0 })
  clock.jump(10_000)
  t.match(await read(never), { requestsCompleted: 0, idleForMs: 10_000 })
  clock.jump(5000)
  text = stats(worker('busy', 8))
  t.match(await read(never), { requestsCompleted: 3, idleForMs: 0 })
  text = stats(worker('busy', 1))
  t.match(await read(never), { requestsCompleted: 0, idleForMs: 0 })
  t.equal(await createStats({ path }, clock)(AbortSignal.timeout(50)), undefined, 'silence')
  t.equal(await createStats({ path: `${path}-other` }, clock)(never), undefined, 'no socket')
})

t.test('uWSGI statistics › that never end are not read on', async t => {
  const flood = Buffer.alloc(1_000_000, ' ')
  const server = await serve(t, () => {}, {
    greet: socket => {
      const write = () => socket.write(flood, () => !socket.destroyed && write())
      write()
    },
  })
  t.equal(
    await createStats({ path: server.path }, new ManualClock())(new AbortController().signal),
    undefined,
  )
})
