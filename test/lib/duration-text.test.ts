import t from 'tap'
import { durationText } from '../../src/lib/duration-text.ts'

t.test('duration text › two units, and none that is zero', async t => {
  const texts = [0, 999, 59_999, 60_000, 130_000, 3_600_000, 11_100_000, 86_400_000, 273_600_000, -5].map(
    durationText,
  )
  t.strictSame(texts, ['0s', '0s', '59s', '1m', '2m10s', '1h', '3h5m', '1d', '3d4h', '0s'])
})
