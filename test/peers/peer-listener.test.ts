import t from 'tap'
import { peerListener } from '../../src/peers/peer-listener.ts'

const WITH_HEADER = '0.0.0.0:81'

for (const [listen, port, proxyProtocol, families] of [
  [['0.0.0.0:80'], 80, false, [4]],
  [['systemd'], 80, false, [4, 6]],
  [[], 80, false, [4, 6]],
  [['unix:/run/health.sock', '10.0.0.5:8080'], 8080, false, [4]],
  [[WITH_HEADER], 81, true, [4]],
  [[WITH_HEADER, '[::]:8080'], 8080, false, [4, 6]],
  [['127.0.0.1:80', WITH_HEADER], 81, true, [4]],
  [['127.0.0.1:8080', '[::1]:8081', 'localhost:8082', '0.0.0.0:80'], 80, false, [4]],
  [['127.0.0.1:8080'], 8080, false, [4]],
  [['10.0.0.5:80', '[2001:db8::5]:80'], 80, false, [4, 6]],
  [['[2001:db8::5]:80', '10.0.0.5:8080'], 80, false, [6]],
  [['web.example:80'], 80, false, [4, 6]],
] as const)
  t.test(
    `peers › of a fleet that listens on ${listen.join(', ') || 'nothing'} are asked at ${port}`,
    async t => {
      t.strictSame(peerListener(listen, [WITH_HEADER]), { port, families, proxyProtocol })
    },
  )
