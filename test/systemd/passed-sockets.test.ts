import t from 'tap'
import { passedSockets } from '../../src/systemd/passed-sockets.ts'

const LISTEN_PID = String(process.pid)

t.test('passed sockets › are numbered from descriptor 3', async t => {
  t.strictSame(passedSockets({ LISTEN_PID, LISTEN_FDS: '2' }), [3, 4])
})

t.test('passed sockets › of another process are not ours', async t => {
  t.strictSame(passedSockets({ LISTEN_PID: '1', LISTEN_FDS: '1' }), [])
})

t.test('passed sockets › are none without a count', async t => {
  t.strictSame(passedSockets({}), [])
  t.strictSame(passedSockets({ LISTEN_PID }), [])
  t.strictSame(passedSockets({ LISTEN_PID, LISTEN_FDS: 'many' }), [])
})
