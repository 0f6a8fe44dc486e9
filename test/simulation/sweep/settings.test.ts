import t from 'tap'
import { loadOurConfig } from '../policies/our-config.ts'
import { events } from '../run-trace.ts'
import { policyNameOf, settings, sweptValues } from './settings.ts'

const config = await loadOurConfig()

t.test('sweep › each setting has one default, which is that of the program', async t => {
  for (const setting of settings)
    t.equal(setting.values.filter(({ isDefault }) => isDefault).length, 1, setting.name)
  const byName = new Map(settings.map(setting => [setting.name, setting]))
  const own = (name: string) => byName.get(name)?.values.find(({ isDefault }) => isDefault)?.label
  t.equal(own('rounds'), `${config.startup.healthy_threshold}`)
  const smoke = config.checks.find(({ type }) => type === 'smoke')
  t.match(smoke, { patience: Number(own('patience')) * 1000 })
})

t.test('sweep › each setting matters in some events, and not in all', async t => {
  for (const setting of settings) {
    const some = events.filter(event => setting.matters(event))
    t.ok(some.length > 0 && some.length < events.length, setting.name)
  }
})

t.test('sweep › every value has a policy of its own; the default is the program’s', async t => {
  const names = settings.flatMap(setting => setting.values.map(value => policyNameOf(setting, value)))
  t.equal(names.filter(name => name === 'default').length, settings.length)
  t.equal(new Set(names).size, names.length - settings.length + 1)
  for (const [name, { create }] of sweptValues) t.equal((await create(name, config)).name, name)
})
