import t from 'tap'
import { FakeHost, probe } from './fake-host.ts'
import { isPanic, withPanic } from './panic.ts'
import { shallow } from './shallow.ts'

const serving = async () => {
  const host = new FakeHost()
  const judge = withPanic(shallow).start(host.view, 'serving')
  await probe(host, judge)
  return { host, judge }
}

t.test('panic › is when most of those that answer fail', async t => {
  t.equal(isPanic([]), false)
  t.equal(isPanic(['silent', 'silent']), false)
  t.equal(isPanic(['fail', 'pass']), false)
  t.equal(isPanic(['fail', 'warn', 'fail', 'silent']), true)
})

t.test('panic › a serving host holds while most of its peers fail too', async t => {
  const { host, judge } = await serving()
  host.peers = { a: 'fail', b: 'fail', c: 'pass' }
  host.accepts = false
  t.equal(await probe(host, judge), 503, 'at first it has not asked')
  await host.clock.advance(1000)
  t.equal(await probe(host, judge), 200)
  host.peers = { a: 'fail', b: 'pass', c: 'pass' }
  await host.clock.advance(16_000)
  t.equal(await probe(host, judge), 503)
  judge.end()
})

t.test('panic › a host that has never passed does not hold', async t => {
  const host = new FakeHost()
  host.accepts = false
  host.peers = { a: 'fail' }
  const judge = withPanic(shallow).start(host.view, 'new')
  await probe(host, judge)
  await host.clock.advance(2000)
  t.equal(await probe(host, judge), 503)
  judge.end()
})

t.test('panic › no peer is asked while all is well', async t => {
  const { host, judge } = await serving()
  host.peers = { a: 'fail' }
  await host.clock.advance(60_000)
  t.equal(host.peersAsked, 0)
  judge.end()
})
