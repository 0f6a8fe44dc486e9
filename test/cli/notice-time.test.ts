import t from 'tap'
import { noticeTimeOf, noticeTimeText } from '../../src/cli/notice-time.ts'
import type { ProbeSourceDocument } from '../../src/status/status-document.ts'

const elb: ProbeSourceDocument = {
  address: '10.0.1.7',
  checker: 'ELB-HealthChecker',
  time: '2026-11-26T03:14:00.000Z',
  probes: 9,
  intervalSeconds: 15,
  defaultUnhealthyThreshold: 2,
}

t.test('drain › the balancer that is known and needs longest says when it will have noticed', async t => {
  const consul = {
    ...elb,
    checker: 'Consul',
    address: '127.0.0.1',
    intervalSeconds: 10,
    defaultUnhealthyThreshold: 1,
  }
  const unknown = { address: '10.0.1.9', time: elb.time, probes: 9, intervalSeconds: 60 }
  const time = noticeTimeOf({ sources: [consul, elb, unknown] })
  t.match(time, { checker: 'ELB-HealthChecker', intervalSeconds: 15, noticesAfterSeconds: 30 })
  t.equal(
    noticeTimeText(time),
    'the balancer notices after about 30s: ELB-HealthChecker (10.0.1.7) probes every 15s; 2 failures, its default (2m30s if it is set to 10)',
  )
  t.match(noticeTimeText(noticeTimeOf({ sources: [consul] })), /about 10s: .*; 1 failure, its default/)
  t.match(
    noticeTimeText(noticeTimeOf({ sources: [unknown] })),
    /about 2m: 10.0.1.9 probes every 1m; 2 failures \(10m/,
  )
})

t.test('drain › sources that are gone, or irregular, or none: the rule in general', async t => {
  const gone = { ...elb, time: '2026-11-26T03:00:00.000Z', intervalSeconds: 30 }
  t.match(noticeTimeOf({ sources: [elb, gone] }), { intervalSeconds: 15 })
  const { intervalSeconds: _, ...irregular } = elb
  for (const probes of [undefined, { sources: [] }, { sources: [irregular] }]) {
    t.equal(noticeTimeOf(probes), undefined)
    t.match(
      noticeTimeText(noticeTimeOf(probes)),
      /^a load balancer notices after interval × unhealthy threshold: 150 s/,
    )
  }
})
