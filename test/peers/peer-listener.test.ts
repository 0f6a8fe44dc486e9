import t from 'tap'
import { peerListener } from '../../src/peers/peer-list.ts'

const WITH_HEADER = '0.0.0.0:81'

for (const [listen, port, proxyProtocol] of [
  [['0.0.0.0:80'], 80, false],
  [['systemd'], 80, false],
  [[], 80, false],
  [['unix:/run/health.sock', '10.0.0.5:8080'], 8080, false],
  [[WITH_HEADER], 81, true],
  [[WITH_HEADER, '[::]:8080'], 8080, false],
  [['127.0.0.1:80', WITH_HEADER], 81, true],
  [['127.0.0.1:8080', '[::1]:8081', 'localhost:8082', '0.0.0.0:80'], 80, false],
  [['127.0.0.1:8080'], 8080, false],
] as const)
  t.test(
    `peers › of a fleet that listens on ${listen.join(', ') || 'nothing'} are asked at ${port}`,
    async t => {
      t.strictSame(peerListener(listen, [WITH_HEADER]), { port, proxyProtocol })
    },
  )
