import { execFile } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { createScratchDirectory } from '../../support/scratch-directory.ts'

const units = join(import.meta.dirname, '../../../systemd')

t.test('systemd › takes the units without a complaint', async t => {
  await using scratch = await createScratchDirectory('hs-units-')
  await cp(units, scratch.path, { recursive: true })
  const service = join(scratch.path, 'health-sidecar.service')
  const text = await readFile(service, 'utf8')
  // the program is not installed here, and systemd looks whether it is
  const installed = text.replaceAll('/usr/bin/health-sidecar', '/bin/true')
  t.not(installed, text)
  await writeFile(service, installed)
  const verified = await promisify(execFile)('systemd-analyze', [
    'verify',
    service,
    join(scratch.path, 'health-sidecar.socket'),
  ])
  const complaints = `${verified.stdout}${verified.stderr}`
    .split('\n')
    // units of the host's own are looked at as well
    .filter(line => line.includes('health-sidecar'))
  t.strictSame(complaints, [])
})
