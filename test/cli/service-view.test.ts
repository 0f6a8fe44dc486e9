import { readFile } from 'node:fs/promises'
import t from 'tap'
import { serviceView } from '../../src/cli/service-view.ts'

const UNIT = 'health-sidecar.service'
const runsAs = 'check.service'

t.test('service view › has what decides what the service sees, in its order, and what it runs', async t => {
  const text = `# /usr/lib/systemd/system/${UNIT}
${await readFile(`systemd/${UNIT}`, 'utf8')}
# /etc/systemd/system/${UNIT}.d/app.conf
[Unit]
JoinsNamespaceOf=shop.service
[Service]
SupplementaryGroups=shop
ProtectHome=read-only
PrivateTmp=yes`
  const { settings = [], command } = serviceView(text, { unit: UNIT, runsAs }) ?? {}
  t.strictSame(command, [
    '/usr/bin/health-sidecar',
    'serve',
    '--config',
    '/etc/health-sidecar/health-sidecar.yaml',
  ])
  for (const setting of [
    'User=health-sidecar',
    'EnvironmentFile=-/etc/default/health-sidecar',
    'LoadCredential=database-password:health-sidecar.database-password',
    'PrivateUsers=yes',
    'ProtectSystem=strict',
    'SystemCallFilter=~@privileged @resources',
    'CapabilityBoundingSet=',
    'JoinsNamespaceOf=shop.service',
    'SupplementaryGroups=shop',
    'PrivateTmp=yes',
  ])
    t.ok(settings.includes(setting), setting)
  t.ok(
    settings.indexOf('ProtectHome=yes') < settings.indexOf('ProtectHome=read-only'),
    'a drop-in comes after',
  )
  t.notMatch(settings.join('\n'), /^(Exec|Restart|Type|Watchdog|Notify|RuntimeDirectory|Requires|OOM)/m)
})

t.test('service view › of an app with a name, a drop-in may run it in another way', async t => {
  const text = `[Service]
ExecStart=/usr/bin/health-sidecar --app %i serve
EnvironmentFile=-/etc/default/%N
# a drop-in
ExecStart=
ExecStart=-/opt/health-sidecar \\
  --app %i serve
Environment="A=50%%"`
  t.strictSame(serviceView(text, { unit: 'health-sidecar@shop.service', runsAs }), {
    settings: ['EnvironmentFile=-/etc/default/health-sidecar@shop', 'Environment="A=50%"'],
    command: ['/opt/health-sidecar', '--app', 'shop', 'serve'],
    unknown: [],
  })
  t.equal(serviceView('[Service]\nUser=a', { unit: 'a.service', runsAs }), undefined)
})

t.test('service view › names what only systemd can replace, where it decides what the service sees', t => {
  const text = '[Service]\nExecStart=/a %w\nSyslogIdentifier=%W\nEnvironment=A=%q B=%%q\nUser=%z'
  t.match(serviceView(text, { unit: UNIT, runsAs }), {
    unknown: ['%q in Environment=', '%w in ExecStart='],
    settings: ['Environment=A=%q B=%q', 'User=%z'],
  })
  t.end()
})
