import t from 'tap'
import { proxyHeader } from '../../src/connect/proxy-header.ts'

const ends = { localAddress: '127.0.0.1', localPort: 40_000, remoteAddress: '127.0.0.2', remotePort: 80 }

t.test('PROXY header › version 1 names the two ends, or nothing on a Unix socket', async t => {
  const textOf = (given: Parameters<typeof proxyHeader>[1]) => proxyHeader('v1', given).toString('latin1')
  t.equal(textOf(ends), 'PROXY TCP4 127.0.0.1 127.0.0.2 40000 80\r\n')
  const ipv6 = { ...ends, localAddress: 'fe80::1%eth0', remoteAddress: 'fe80::2%eth0' }
  t.equal(textOf(ipv6), 'PROXY TCP6 fe80::1 fe80::2 40000 80\r\n', 'without a zone')
  t.equal(textOf({} as never), 'PROXY UNKNOWN\r\n')
})

t.test('PROXY header › version 2 is the command LOCAL', async t => {
  t.equal(proxyHeader('v2', ends).toString('hex'), '0d0a0d0a000d0a515549540a20000000')
})
