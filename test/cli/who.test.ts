import { userInfo } from 'node:os'
import t from 'tap'
import { who } from '../../src/cli/who.ts'

t.test('who › the user, and behind sudo the user before it', async t => {
  const me = userInfo().username
  t.equal(who({}), me)
  t.equal(who({ SUDO_USER: '' }), me)
  t.equal(who({ SUDO_USER: me }), me)
  t.equal(who({ SUDO_USER: 'alice' }), `alice as ${me}`)
})
