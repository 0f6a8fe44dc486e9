import t from 'tap'
import { createInstanceMetadata, metadataEndpoint } from '../../src/connect/instance-metadata.ts'
import { startInstanceMetadata } from '../support/instance-metadata.ts'
import type { MetadataMode } from '../support/instance-metadata.ts'

const TOKEN = 'PUT /latest/api/token'
const address = (status: number) => `GET /latest/meta-data/local-ipv4 ${status}`

t.test('metadata › one token serves questions at the same time, and later ones', async t => {
  const service = await startInstanceMetadata(t)
  service.values.set('local-ipv4', '10.0.0.7')
  const metadata = createInstanceMetadata(service.endpoint)
  const value = { kind: 'value', text: '10.0.0.7' }
  t.strictSame(await Promise.all([1, 2, 3].map(() => metadata.get('local-ipv4'))), [value, value, value])
  t.strictSame(await metadata.get('spot/instance-action'), { kind: 'absent' })
  t.equal(service.seen.filter(line => line.startsWith(TOKEN)).length, 1)
})

t.test(
  'metadata › a token that has expired is renewed once, by one request, and the answer comes',
  async t => {
    const service = await startInstanceMetadata(t)
    service.values.set('local-ipv4', '10.0.0.7')
    const metadata = createInstanceMetadata(service.endpoint)
    await metadata.get('local-ipv4')
    service.expireTokens()
    t.match(await metadata.get('local-ipv4'), { kind: 'value' })
    t.strictSame(service.seen, [`${TOKEN} 200`, address(200), address(401), `${TOKEN} 200`, address(200)])
    service.expireTokens()
    const both = await Promise.all([metadata.get('local-ipv4'), metadata.get('spot/instance-action')])
    t.match(both, [{ kind: 'value' }, { kind: 'absent' }])
    t.equal(service.seen.filter(line => line.startsWith(TOKEN)).length, 3)
  },
)

const failures: readonly (readonly [MetadataMode, RegExp])[] = [
  ['disabled', /^is turned off for this instance \(403\)/],
  ['beyond-hop-limit', /^did not answer in time: .*hop limit to 2/],
  ['silent', /^did not answer in time/],
  ['huge', /^answered with more than 4096 bytes/],
  ['not-http', /^answered with something that is not HTTP/],
  ['redirect', /^answered 302 to a request for a token/],
  ['broken', /^answered 503 to a request for a token/],
]

for (const [mode, why] of failures)
  t.test(`metadata › ${mode}: unknown, with why; and an answer once it works`, async t => {
    const service = await startInstanceMetadata(t)
    service.values.set('local-ipv4', '10.0.0.7')
    service.mode = mode
    const metadata = createInstanceMetadata(service.endpoint)
    const answers = await Promise.all([metadata.get('local-ipv4'), metadata.get('spot/instance-action')])
    for (const answer of answers) t.match(answer, { kind: 'unknown', why })
    t.equal(service.redirected(), 0, 'no redirect is followed')
    t.equal(service.seen.length, 1, 'one request for a token, and no more')
    service.mode = 'on'
    t.match(await metadata.get('local-ipv4'), { kind: 'value', text: '10.0.0.7' })
  })

t.test('metadata › a failure after the token is unknown, never absent', async t => {
  const service = await startInstanceMetadata(t)
  const metadata = createInstanceMetadata(service.endpoint)
  t.match(await metadata.get('spot/instance-action'), { kind: 'absent' })
  for (const mode of ['disabled', 'silent', 'huge', 'not-http', 'redirect', 'broken'] as const) {
    service.mode = mode
    t.match(await metadata.get('spot/instance-action'), { kind: 'unknown' }, mode)
  }
})

t.test('metadata › nobody there: unknown, with the code; a stop ends a question', async t => {
  const nobody = createInstanceMetadata('http://127.0.0.1:1')
  t.match(await nobody.get('local-ipv4'), { kind: 'unknown', why: /^cannot be reached: ECONNREFUSED/ })
  const service = await startInstanceMetadata(t)
  service.mode = 'silent'
  const stopped = AbortSignal.abort()
  t.match(await createInstanceMetadata(service.endpoint).get('local-ipv4', stopped), { kind: 'unknown' })
})

t.test('metadata › the endpoint is that of AWS’s SDKs', async t => {
  t.equal(metadataEndpoint({}), 'http://169.254.169.254')
  t.equal(metadataEndpoint({ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'IPv6' }), 'http://[fd00:ec2::254]')
  const given = { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1338' }
  t.equal(metadataEndpoint(given), 'http://127.0.0.1:1338')
  t.equal(metadataEndpoint({ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'nonsense' }), 'http://169.254.169.254')
})
