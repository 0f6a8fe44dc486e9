import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { disk, judgeSpace } from '../../../src/checks/disk/disk.ts'
import type { DiskConfig } from '../../../src/checks/disk/config.ts'
import { isReadOnly } from '../../../src/checks/disk/mount.ts'
import { gist } from '../smoke/run-smoke.ts'

const config: DiskConfig = { path: '/data', min_free: '5%', min_free_inodes: '5%', allow_read_only: false }
const space = {
  realPath: '/data',
  freeBytes: 50,
  totalBytes: 1000,
  freeInodes: 5,
  totalInodes: 100,
  readOnly: false,
}

t.test('disk › passes at its limits, with the space in the evidence', async t => {
  t.match(judgeSpace(space, config), {
    status: 'pass',
    evidence: { path: '/data', freeBytes: 50, freePercent: 5, freeInodesPercent: 5, readOnly: false },
  })
})

t.test('disk › below a limit, and read-only, have a reason each', async t => {
  t.equal(gist(judgeSpace({ ...space, freeBytes: 49 }, config)), 'fail DISK_FULL')
  t.equal(gist(judgeSpace({ ...space, freeInodes: 4 }, config)), 'fail DISK_INODES_USED_UP')
  t.equal(gist(judgeSpace({ ...space, readOnly: true }, config)), 'fail DISK_READ_ONLY')
  t.equal(gist(judgeSpace({ ...space, readOnly: true }, { ...config, allow_read_only: true })), 'pass')
  t.equal(gist(judgeSpace(space, { ...config, min_free: 51 })), 'fail DISK_FULL', 'in bytes')
  t.equal(gist(judgeSpace(space, { ...config, min_free: 50 })), 'pass')
})

t.test('disk › a file system without a count of inodes, such as btrfs, has enough of them', async t => {
  t.equal(gist(judgeSpace({ ...space, freeInodes: 0, totalInodes: 0 }, config)), 'pass')
})

t.test('disk › the flag of the file system counts, not that of a mount', async t => {
  const mounts = [
    '22 1 8:1 / / ro,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro',
    '23 22 8:2 / /data rw,relatime shared:2 - ext4 /dev/sdb1 ro',
    '24 22 0:30 / /da rw - tmpfs tmpfs rw',
    '25 22 8:3 / /with\\040blank rw,relatime - ext4 /dev/sdc1 ro',
    '26 22 8:4 / /over rw - ext4 /dev/sdd1 ro',
    '27 22 8:5 / /over rw - ext4 /dev/sde1 rw',
    '',
  ].join('\n')
  t.equal(isReadOnly(mounts, '/var/log'), false, 'the sandbox of a unit mounts / read-only')
  t.equal(isReadOnly(mounts, '/data'), true)
  t.equal(isReadOnly(mounts, '/data/deeper'), true)
  t.equal(isReadOnly(mounts, '/database'), false)
  t.equal(isReadOnly(mounts, '/with blank/a'), true)
  t.equal(isReadOnly(mounts, '/over'), false, 'the last mount hides the one before')
  t.equal(isReadOnly('', '/data'), undefined)
})

const run = async (keys: Partial<DiskConfig>) => {
  await using check = disk.create({ ...config, min_free: 1, min_free_inodes: '0%', ...keys }, {} as never)
  return await check.run(AbortSignal.timeout(20_000))
}

t.test('disk › looks at a real path, through symbolic links', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'disk-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  await symlink('/proc', join(directory, 'link'))
  t.match(await run({ path: directory }), {
    status: 'pass',
    evidence: { freeBytes: Number, readOnly: false },
  })
  t.equal(gist(await run({ path: directory, min_free: 2 ** 60 })), 'fail DISK_FULL')
  t.equal(gist(await run({ path: join(directory, 'link') })), 'fail DISK_FULL', '/proc has no space')
  t.equal(gist(await run({ path: join(directory, 'none') })), 'fail DISK_PATH_MISSING')
})
