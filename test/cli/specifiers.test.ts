import { hostname } from 'node:os'
import t from 'tap'
import { specified, unknownSpecifiers } from '../../src/cli/specifiers.ts'

const names = { unit: String.raw`web-app@my\x2dshop-eu.service`, runsAs: 'check.service' }
const valueOf = (specifier: string, unit = names.unit) => specified(specifier, { ...names, unit })

t.test('specifiers › the parts of the name, as they are and without their escapes', async t => {
  t.equal(valueOf('%n'), names.unit)
  t.equal(valueOf('%N'), String.raw`web-app@my\x2dshop-eu`)
  t.equal(valueOf('%p %P %j %J'), 'web-app web/app app app')
  t.equal(valueOf('%i'), String.raw`my\x2dshop-eu`)
  t.equal(valueOf('%I'), 'my-shop/eu')
  t.equal(valueOf('%f'), '/my-shop/eu')
  t.equal(valueOf('[%i][%I]%f', 'web-app.service'), '[][]/web/app')
})

t.test('specifiers › a credential is where the unit that runs has its own', async t => {
  t.equal(valueOf('%d/password'), '/run/credentials/check.service/password')
})

t.test('specifiers › directories and facts of the host', async t => {
  t.equal(valueOf('%t %S %C %L %E %h'), '/run /var/lib /var/cache /var/log /etc /root')
  t.equal(valueOf('%H'), hostname())
})

t.test('specifiers › %% is one, and what systemd does not know either stays', async t => {
  t.equal(valueOf('50%% %%i %z %'), '50% %i %z %')
})

t.test('specifiers › tells which ones only systemd can replace', async t => {
  t.strictSame(unknownSpecifiers('%q %%q %z %N %W'), ['%q', '%W'])
})
