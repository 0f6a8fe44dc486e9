import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t from 'tap'
import { bootOnce } from '../systemd/boot-once.ts'
import { debianRoot } from './debian-root.ts'

const app = `
[Service]
EnvironmentFile=/work/env
ExecStart=/bin/sleep infinity
`

const batch = `
[Unit]
After=basic.target dbus.service
Wants=basic.target dbus.service
[Service]
Type=oneshot
ExecStart=/bin/sh /work/batch
StandardOutput=file:/work/log
StandardError=file:/work/log
`

const config = `
checks:
  - { name: env, type: env, files: [/work/env], required: [A, B], process: { unit: app.service } }
`

const script = `
check() { /node/bin/node /repo/src/main.ts check --json --config /work/config.yaml > /work/$1.json; }
check stopped
systemctl start app.service
check same
printf 'A=1\\nB=other\\n' > /work/env
check outdated
systemctl restart app.service
check restarted
touch /work/finished
systemctl poweroff --force
`

t.test('env › process: { unit } follows the main process of a unit on a booted host', async t => {
  const root = await debianRoot(t)
  const dir = mkdtempSync(join(tmpdir(), 'booted-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const files = {
    'app.service': app,
    'batch.service': batch,
    'config.yaml': config,
    batch: script,
    env: 'A=1\nB=2\n',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  const node = resolve(process.execPath, '..', '..')
  const units = ['app.service', 'batch.service']
  bootOnce(root, {
    directory: dir,
    files: {
      [process.cwd()]: '/repo',
      [node]: '/node',
      ...Object.fromEntries(units.map(unit => [join(dir, unit), `/etc/systemd/system/${unit}`])),
    },
    unit: 'batch.service',
    timeoutS: 120,
  })
  t.ok(existsSync(join(dir, 'finished')), 'the host went through the script')
  const found = (name: string) => {
    const [check] = JSON.parse(readFileSync(join(dir, `${name}.json`), 'utf8')).checks.env
    return `${check.status} ${check.reason ?? ''}`.trim()
  }
  t.equal(found('stopped'), 'unknown ENV_PROCESS_NOT_FOUND')
  t.equal(found('same'), 'pass')
  t.equal(found('outdated'), 'warn ENV_PROCESS_OUTDATED')
  t.equal(found('restarted'), 'pass')
})
