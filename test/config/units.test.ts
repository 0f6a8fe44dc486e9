import t from 'tap'
import { formatDuration, parseDuration, parseSize } from '../../src/config/units.ts'

t.test('durations › are read as milliseconds', async t => {
  t.equal(parseDuration('500ms'), 500)
  t.equal(parseDuration('2s'), 2000)
  t.equal(parseDuration('1.5h'), 5_400_000)
  t.equal(parseDuration('15m'), 900_000)
  t.equal(parseDuration('2d'), 172_800_000)
  for (const wrong of ['', '2', '2 s', '-1s', '1y', 's', '1e3s', '2S'])
    t.equal(parseDuration(wrong), undefined, wrong)
})

t.test('durations › are written in the largest unit that gives a whole number', async t => {
  for (const text of ['1ms', '999ms', '10s', '15m', '1h', '36h', '2d'])
    t.equal(formatDuration(parseDuration(text) ?? 0), text)
  t.equal(formatDuration(0), '0ms')
  t.equal(formatDuration(1500), '1500ms')
})

t.test('sizes › are read as bytes', async t => {
  t.equal(parseSize('512B'), 512)
  t.equal(parseSize('64KiB'), 65_536)
  t.equal(parseSize('1MiB'), 1_048_576)
  for (const wrong of ['', '64', '64KB', '1.5MiB', 'KiB']) t.equal(parseSize(wrong), undefined, wrong)
})
