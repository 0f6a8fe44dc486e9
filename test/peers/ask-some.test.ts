import t from 'tap'
import { askSome } from '../../src/peers/ask-some.ts'

t.test('peers › are named by their address and port', async t => {
  const peers = [
    { host: '192.0.2.1', port: 80 },
    { host: '2001:db8::1', port: 8080 },
  ]
  const { answers } = await askSome({
    choose: async () => ({ peers, unread: ['web.example'], known: 3 }),
    ask: async () => 'pass',
  })
  t.strictSame(answers, [
    { peer: '192.0.2.1:80', answer: 'pass' },
    { peer: '[2001:db8::1]:8080', answer: 'pass' },
    { peer: 'web.example', answer: 'silent' },
  ])
})
