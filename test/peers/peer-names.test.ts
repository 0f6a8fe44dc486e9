import t from 'tap'
import { isEdited } from '../../src/peers/peer-names.ts'

t.test('peer names › a list is edited if it keeps a host; anything else is another source', async t => {
  t.ok(isEdited(['10.0.0.1', '10.0.0.2'], ['10.0.0.2', '10.0.0.3']))
  t.ok(isEdited(['10.0.0.1', '10.0.0.2'], ['10.0.0.1']))
  t.notOk(isEdited(['10.0.0.1'], ['10.0.0.2']))
  t.notOk(isEdited(undefined, ['10.0.0.1']))
  t.notOk(isEdited(['10.0.0.1'], undefined))
  t.notOk(isEdited(['10.0.0.1'], 'dns:10.0.0.1'))
  t.notOk(isEdited('dns:web', 'dns:web.example.com'))
  t.notOk(isEdited('file:/etc/peers', ['10.0.0.1']))
})
