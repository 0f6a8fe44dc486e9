import t from 'tap'
import type { Outcome } from '../../../src/checks/smoke/exchange.ts'
import { article } from './article.ts'
import { djangoHealthCheck } from './django-health-check.ts'
import { answer, FakeHost, probe } from './fake-host.ts'
import { gruntwork } from './gruntwork.ts'
import { afterCheck, kamalProxy, kamalProxyHome } from './kamal-proxy.ts'
import { afterProbe, kubernetes, unready } from './kubernetes.ts'
import { shallow } from './shallow.ts'

const closed: Outcome = { kind: 'closed', code: 'ECONNRESET' }

t.test('shallow › passes while the socket accepts, whatever the app answers', async t => {
  const host = new FakeHost()
  const judge = shallow.start(host.view, 'new')
  host.page = answer(500)
  t.equal(await probe(host, judge), 200)
  host.accepts = false
  t.equal(await probe(host, judge), 503)
})

t.test('article › asks the view in the app, which fails with a page that is not 200', async t => {
  const host = new FakeHost()
  const judge = article.start(host.view, 'new')
  t.equal(await probe(host, judge), 200)
  t.strictSame(host.requests, ['health'])
  for (const outcome of [answer(500), answer(301), answer(400)]) {
    host.page = outcome
    t.equal(await probe(host, judge), 503)
  }
  host.page = closed
  t.equal(await probe(host, judge), 502)
  host.page = answer(200, 'another page')
  t.equal(await probe(host, judge), 200, 'it does not read the page')
})

t.test('article › fails while a migration is not applied', async t => {
  const host = new FakeHost()
  const judge = article.start(host.view, 'serving')
  host.isMigrationPending = true
  t.equal(await probe(host, judge), 503)
})

t.test(
  'article › a missing variable keeps the app from starting, and does not stop one that runs',
  async t => {
    const host = new FakeHost()
    const judge = article.start(host.view, 'new')
    host.missingVariables = ['SECRET_KEY']
    t.equal(await probe(host, judge), 200)
    host.release = '2'
    t.equal(await probe(host, judge), 502)
    host.missingVariables = []
    t.equal(await probe(host, judge), 502, 'the app has not started again')
    host.release = '3'
    t.equal(await probe(host, judge), 200)
  },
)

t.test('article › waits for as long as the view takes', async t => {
  const host = new FakeHost()
  const judge = article.start(host.view, 'serving')
  host.afterMs = 20_000
  t.equal(await probe(host, judge, 19_999), 'no answer')
  t.equal(await probe(host, judge, 20_000), 200)
})

t.test('django-health-check › is 500 on any error, and does not know migrations', async t => {
  const host = new FakeHost()
  const judge = djangoHealthCheck.start(host.view, 'new')
  host.isMigrationPending = true
  host.missingVariables = ['SECRET_KEY']
  t.equal(await probe(host, judge), 200)
  t.strictSame(host.requests, ['health'])
  host.page = answer(500)
  t.equal(await probe(host, judge), 500)
  host.page = closed
  t.equal(await probe(host, judge), 502)
})

t.test('gruntwork › is 504 if the port or the script fails', async t => {
  const host = new FakeHost()
  const judge = gruntwork.start(host.view, 'new')
  t.equal(await probe(host, judge), 200)
  host.page = answer(301)
  t.equal(await probe(host, judge), 200, 'curl --fail fails from 400 on')
  host.page = answer(400)
  t.equal(await probe(host, judge), 504)
  host.page = answer(200)
  host.accepts = false
  t.equal(await probe(host, judge), 504)
})

t.test('gruntwork › ends the script after 5 s', async t => {
  const host = new FakeHost()
  const judge = gruntwork.start(host.view, 'new')
  host.page = 'hang'
  t.equal(await probe(host, judge, 4999), 'no answer')
  t.equal(await probe(host, judge, 5000), 504)
})

t.test('kamal-proxy › one pass admits, one failure removes', async t => {
  t.equal(afterCheck('adding', false), 'adding')
  t.equal(afterCheck('adding', true), 'healthy')
  t.equal(afterCheck('healthy', false), 'unhealthy')
  t.equal(afterCheck('unhealthy', true), 'healthy')
})

t.test('kamal-proxy › asks every second, with 5 s for an answer', async t => {
  const host = new FakeHost()
  const judge = kamalProxyHome.start(host.view, 'new')
  t.equal(await probe(host, judge), 503, 'nothing is known yet')
  t.equal(await probe(host, judge), 200)
  await host.clock.advance(10_000)
  t.equal(host.requests.length, 11)
  host.page = answer(301)
  t.equal(await probe(host, judge, 1000), 200, 'the state is that of the check before')
  t.equal(await probe(host, judge), 503)
  host.page = answer(299)
  await host.clock.advance(1000)
  t.equal(await probe(host, judge), 200)
  host.page = 'hang'
  await host.clock.advance(5999)
  t.equal(await probe(host, judge), 200)
  await host.clock.advance(1)
  t.equal(await probe(host, judge), 503)
  judge.end()
})

t.test('kamal-proxy › /up needs nothing of the app', async t => {
  const host = new FakeHost()
  host.pages = { static: answer(200), home: answer(500) }
  const judge = kamalProxy.start(host.view, 'new')
  await host.clock.advance(0)
  t.equal(await probe(host, judge), 200)
  judge.end()
})

t.test('kubernetes › three failures in a row make a host unready, and one success ready', async t => {
  let state = unready
  const results = [false, true, false, false, true, false, false, false, true].map(passed => {
    state = afterProbe(state, passed)
    return state.result
  })
  t.strictSame(results, [false, true, true, true, true, true, true, false, true])
})

t.test('kubernetes › the startup probe holds readiness back, every 10 s with 1 s for an answer', async t => {
  const host = new FakeHost()
  host.page = answer(500)
  const judge = kubernetes.start(host.view, 'new')
  await host.clock.advance(25_000)
  t.equal(host.requests.length, 3)
  host.page = answer(302)
  await host.clock.advance(5000)
  t.equal(await probe(host, judge), 503, 'the startup probe has passed')
  await host.clock.advance(10_000)
  t.equal(await probe(host, judge), 200, 'and the readiness probe')
  host.afterMs = 1001
  await host.clock.advance(30_000)
  t.equal(await probe(host, judge), 200)
  await host.clock.advance(1000)
  t.equal(await probe(host, judge), 503)
  judge.end()
})
