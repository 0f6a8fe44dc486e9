import t from 'tap'
import { startFleet, untilLogged } from './peer-fleet.ts'

t.test('peers › a host that is cut off alone leaves, and names who was asked; the others stay', async t => {
  const [alone, ...others] = await startFleet(t)
  if (!alone) throw new Error('no host')
  const startedAt = performance.now()
  alone.cutOff()
  await untilLogged(alone, { event: 'peers.asked', times: 2 })
  // a peer that is slow to answer is silent, and asked again
  await untilLogged(alone, { event: 'verdict.changed', times: 1, words: /"status":"fail","phase":"serving"/ })
  const { status, checks } = await alone.sidecar.waitFor(document => document.status === 'fail')
  const tookMs = performance.now() - startedAt
  t.comment(`left after ${Math.round(tookMs)} ms`)
  t.equal(status, 'fail')
  t.match(checks['page'], [
    { because: 'alone', reason: 'PEERS_DO_NOT_SEE_IT', evidence: { unknown: 'DEPENDENCY_NOT_PASSING' } },
  ])
  const asked = JSON.stringify(checks['page']?.[0].evidence?.['peers'])
  for (const { address } of others) t.match(asked, address)
  t.notMatch(asked, alone.address, 'and not itself')
  t.match(await alone.sidecar.probe(), { status: 503 })
  for (const { sidecar } of others) {
    await sidecar.waitFor(document => document.status === 'pass')
    t.match(await sidecar.probe(), { status: 200, body: '{"status":"pass"}' })
    t.notMatch(await sidecar.log(), 'peers.asked', 'a host without doubts asks nobody')
  }
})

t.test('peers › hosts that are all cut off ask each other, and all stay', async t => {
  const hosts = await startFleet(t)
  for (const host of hosts) host.cutOff()
  for (const host of hosts) {
    // the second sweep is the one that would make proof of it; a peer that is slow to answer is silent, and asked again
    const line = await untilLogged(host, { event: 'peers.asked', times: 2, words: /warn.* warn/ })
    t.match(line, /warn.* warn/)
    t.match(await host.sidecar.probe(), { status: 200, body: '{"status":"warn"}' })
    t.match((await host.sidecar.status()).checks['page'], [{ because: 'held', cause: 'shared' }])
  }
})
