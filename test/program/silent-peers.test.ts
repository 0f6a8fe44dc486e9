import t from 'tap'
import { startFleet, untilLogged } from './peer-fleet.ts'

t.test('peers › hosts whose apps are all silent ask each other, and all stay until they answer', async t => {
  const hosts = await startFleet(t)
  for (const host of hosts) host.beSilent(true)
  for (const host of hosts) {
    // the second sweep is the one that would make proof of it; a peer that is busy with its own probe is silent
    await untilLogged(host, { event: 'peers.asked', times: 2, words: /(warn|silent).* (warn|silent)/ })
    const document = await host.sidecar.waitFor(({ checks }) => checks['page']?.[0].because === 'not-alone')
    t.match(document.checks['page'], [
      { status: 'unknown', cause: 'busy', reason: 'PEERS_MAY_SEE_IT', effect: 'warn', because: 'not-alone' },
    ])
    t.match(document.status, 'warn')
  }
  for (const { sidecar } of hosts) t.notMatch(await sidecar.log(), '"status":"fail","phase":"serving"')
  for (const host of hosts) host.beSilent(false)
  for (const { sidecar } of hosts) {
    await sidecar.waitFor(({ status }) => status === 'pass')
    t.match(await sidecar.probe(), { status: 200, body: '{"status":"pass"}' })
  }
})

t.test('peers › a host whose app alone is silent leaves, and comes back once it answers', async t => {
  const [alone, ...others] = await startFleet(t)
  if (!alone) throw new Error('no host')
  alone.beSilent(true)
  await untilLogged(alone, { event: 'verdict.changed', times: 1, words: /"status":"fail","phase":"serving"/ })
  t.match((await alone.sidecar.status()).checks['page'], [{ status: 'fail', reason: 'SMOKE_NO_ANSWER' }])
  const asked = (await alone.sidecar.log()).split('\n').filter(line => line.includes('"peers.asked"'))
  t.ok(asked.length >= 2, `${asked.length} sweeps`)
  t.match(await alone.sidecar.probe(), { status: 503 })
  for (const { sidecar } of others) {
    await sidecar.waitFor(({ status }) => status === 'pass')
    t.match(await sidecar.probe(), { status: 200, body: '{"status":"pass"}' })
  }
  alone.beSilent(false)
  await alone.sidecar.waitFor(({ status }) => status === 'pass')
})
