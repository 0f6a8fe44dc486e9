import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { readHistory } from '../../../src/history/read-history.ts'
import { freePort } from '../../support/free-port.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'
import { until } from './until.ts'

// A state directory on a real file system that is full, or read-only. Without root, these tests fail.

const host = async (t: Test) => {
  const scratch = await createScratchDirectory('health-sidecar-history-')
  const disk = join(scratch.path, 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=755', 'tmpfs', disk])
  t.teardown(async () => {
    execFileSync('umount', ['--lazy', disk])
    await scratch[Symbol.asyncDispose]()
  })
  const envFile = join(scratch.path, 'env')
  const flip = (isGood: boolean) => writeFileSync(envFile, isGood ? 'A=1\n' : 'B=1\n')
  flip(true)
  const quick = { interval: '200ms', fresh_for: '50ms', timeout: '10s' }
  const sidecar = await startSidecar({
    scratch,
    port: await freePort(),
    config: {
      state_dir: disk,
      startup: { healthy_threshold: 1 },
      drain: { wait: '0s' },
      checks: [{ name: 'env', type: 'env', files: [envFile], required: ['A'], ...quick }],
    },
  })
  t.teardown(() => sidecar[Symbol.asyncDispose]())
  const file = join(disk, 'history.jsonl')
  const read = () => readHistory(readFileSync(file, 'utf8').trimEnd().split('\n'))
  const isAnswered = (status: number) => async () => (await sidecar.probe()).status === status
  await until(isAnswered(200), () => 'no 200')
  await until(
    () => read().records.some(({ phase }) => phase === 'serving'),
    () => 'no record',
  )
  return { disk, sidecar, flip, read, isAnswered }
}

const hasNote = (notes: readonly string[] | undefined, text: string) =>
  notes?.some(note => note.includes(text))

t.test('history › on a full disk waits, is told of once, and is whole once the disk has room', async t => {
  const { disk, sidecar, flip, read, isAnswered } = await host(t)
  const ballast = join(disk, 'ballast')
  // pages that the history has already are filled up too
  const before = read().records.length
  t.throws(() => writeFileSync(ballast, Buffer.alloc(2 * 1024 * 1024)), { code: 'ENOSPC' })
  t.equal(statfsSync(disk).bfree, 0)
  let isGood = true
  await until(
    async () => {
      isGood = !isGood
      flip(isGood)
      await until(isAnswered(isGood ? 200 : 503), () => 'no such answer')
      return hasNote((await sidecar.status()).notes, 'ENOSPC: make room on its disk') ?? false
    },
    () => 'no note',
  )
  const log = await sidecar.log()
  t.equal(log.match(/"event":"history.unwritable"/g)?.length, 1)
  t.match(read(), { unreadable: 0, missing: 0 }, 'no line is torn')
  rmSync(ballast)
  await until(
    async () => !hasNote((await sidecar.status()).notes, 'history'),
    () => 'still noted',
  )
  t.match(await sidecar.log(), /"event":"history.resumed".*"dropped":0/)
  t.match(read(), { unreadable: 0, missing: 0 })
  t.ok(read().records.length > before)
})

t.test('history › on a read-only disk harms nothing else', async t => {
  const { disk, sidecar, flip, isAnswered } = await host(t)
  execFileSync('mount', ['-o', 'remount,ro', disk])
  flip(false)
  await until(isAnswered(503), () => 'no 503')
  await until(
    async () => hasNote((await sidecar.status()).notes, 'EROFS: its file system is read-only') ?? false,
    () => 'no note',
  )
  flip(true)
  await until(isAnswered(200), () => 'no 200')
  execFileSync('mount', ['-o', 'remount,rw', disk])
  await until(
    async () => !hasNote((await sidecar.status()).notes, 'history'),
    () => 'still noted',
  )
  t.equal(await sidecar.stop(), 0)
})
