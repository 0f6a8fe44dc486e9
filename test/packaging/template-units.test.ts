import { readFile } from 'node:fs/promises'
import t from 'tap'
import { templateUnit } from '../../packaging/template-units.ts'

const unit = (name: string) => readFile(`systemd/${name}`, 'utf8')

/** What a unit says, without its comments. */
const directives = (text: string) => text.split('\n').filter(line => line !== '' && !line.startsWith('#'))

for (const type of ['service', 'socket'] as const)
  t.test(`health-sidecar@.${type} › is what the build makes of the unit without a name`, async t => {
    t.equal(await unit(`health-sidecar@.${type}`), await templateUnit(type), 'run npm run build')
  })

t.test(
  'the units of an app › differ from those without a name in what is the app’s, and in nothing else',
  async t => {
    const differing = async (type: string) => {
      const [single, template] = [
        directives(await unit(`health-sidecar.${type}`)),
        directives(await unit(`health-sidecar@.${type}`)),
      ]
      return [
        ...single.filter(line => !template.includes(line)).map(line => `- ${line}`),
        ...template.filter(line => !single.includes(line)).map(line => `+ ${line}`),
      ]
    }
    t.strictSame(await differing('service'), [
      "- Description=Answers a load balancer's GET /health for the app on this host",
      '- ExecStart=/usr/bin/health-sidecar serve --config /etc/health-sidecar/health-sidecar.yaml',
      '- ExecReload=/usr/bin/health-sidecar reload --config /etc/health-sidecar/health-sidecar.yaml',
      "+ Description=Answers a load balancer's GET /health for the app %i",
      '+ ExecStart=/usr/bin/health-sidecar serve --app %i',
      '+ ExecReload=/usr/bin/health-sidecar reload --app %i',
    ])
    t.strictSame(await differing('socket'), [
      '- Description=Port of the health sidecar',
      '- ListenStream=80',
      '+ Description=Port of the health sidecar of the app %i',
      '+ ListenStream=/run/%N.sock',
      '+ RemoveOnStop=yes',
    ])
  },
)

t.test('the units › have no path of the service without a name but its configuration', async t => {
  for (const type of ['service', 'socket']) {
    const text = directives(await unit(`health-sidecar.${type}`))
    // what two instances would share
    const shared = text.filter(line => /health-sidecar/.test(line) && !/--config |^Documentation=/.test(line))
    t.strictSame(
      shared,
      type === 'socket'
        ? []
        : ['User=health-sidecar', 'Group=health-sidecar', 'ConfigurationDirectory=health-sidecar'],
    )
  }
})
