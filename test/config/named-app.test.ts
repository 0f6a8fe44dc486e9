import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { adminSocketOf, stateDirOf } from '../../src/config/admin-socket.ts'
import { loadConfig } from '../../src/config/load.ts'
import { namedApp, unitOf, unitOfPath } from '../../src/config/named-app.ts'

const directory = await mkdtemp(join(tmpdir(), 'health-sidecar-app-'))
t.teardown(() => rm(directory, { recursive: true }))
const file = join(directory, 'shop.yaml')
const shop = { app: 'shop', file }
const page = `checks: [{ name: page, type: smoke, target: 'http+unix:/run/app.sock' }]`
const write = (text: string) => writeFile(file, `${text}\n${page}\n`)

t.test('an app › has a configuration, units and a run directory that are called by its name', async t => {
  t.strictSame(namedApp('shop'), { app: 'shop', file: '/etc/health-sidecar/shop.yaml' })
  t.equal(unitOf('shop'), 'health-sidecar@shop')
  t.equal(unitOfPath('/run/health-sidecar@shop/admin.sock'), 'health-sidecar@shop')
  t.equal(unitOfPath('/var/run/health-sidecar/admin.sock'), 'health-sidecar')
  t.equal(unitOfPath('/run/health-sidecar-2/admin.sock'), undefined)
  for (const text of [
    '',
    'state_dir:',
    'state_dir: ${NOTHING:-}\nadmin: { socket: "${NOTHING:-}" }',
    'admin:',
  ]) {
    await write(text)
    const config = await loadConfig(shop, {})
    t.match(config, {
      app: 'shop',
      file,
      state_dir: '/run/health-sidecar@shop',
      admin: { socket: '/run/health-sidecar@shop/admin.sock' },
    })
    t.equal(await adminSocketOf(shop, {}), '/run/health-sidecar@shop/admin.sock')
    t.equal(await stateDirOf(shop, {}), '/run/health-sidecar@shop')
  }
  t.match(await loadConfig(file, {}), {
    app: undefined,
    state_dir: '/run/health-sidecar',
    admin: { socket: '/run/health-sidecar/admin.sock' },
  })
})

t.test('an app › may keep its state elsewhere, and then commands look there', async t => {
  await write('state_dir: /var/lib/shop\nadmin: { socket: /run/shop/admin.sock }')
  t.match(await loadConfig(shop, {}), {
    state_dir: '/var/lib/shop',
    admin: { socket: '/run/shop/admin.sock' },
  })
  t.equal(await stateDirOf(shop, {}), '/var/lib/shop')
  t.equal(await adminSocketOf(shop, {}), '/run/shop/admin.sock')
  await write('state_dir: /run/health-sidecar@shop/state')
  t.match(await loadConfig(shop, {}), { state_dir: '/run/health-sidecar@shop/state' })
})

t.test('an app › may not share the state of another one, or of the service without a name', async t => {
  for (const [place, owner] of [
    ['/run/health-sidecar', '/run/health-sidecar'],
    ['/run/health-sidecar/', '/run/health-sidecar'],
    ['/var/run/health-sidecar/shop', '/run/health-sidecar'],
    ['/run//x/../health-sidecar', '/run/health-sidecar'],
    ['/run/health-sidecar@blog', '/run/health-sidecar@blog'],
    ['/run/health-sidecar@shop2/state', '/run/health-sidecar@shop2'],
  ] as const) {
    await write(`state_dir: ${place}`)
    await t.rejects(loadConfig(shop, {}), {
      message: `${file}:1:12: state_dir: ${owner} belongs to another app; leave the key out, and it is in /run/health-sidecar@shop`,
    })
    await write(`admin: { socket: ${place}/admin.sock }`)
    await t.rejects(loadConfig(shop, {}), { message: `${file}:1:18: admin.socket: ${owner} belongs to` })
  }
  await write('state_dir: /run/health-sidecar@shop')
  await t.rejects(loadConfig(file, {}), {
    message: `${file}:1:12: state_dir: /run/health-sidecar@shop belongs to another app; leave the key out, and it is in /run/health-sidecar`,
  })
})

t.test('an app › whose configuration does not exist is told which file to write', async t => {
  await t.rejects(loadConfig({ app: 'blog', file: join(directory, 'blog.yaml') }, {}), {
    message: `${directory}/blog.yaml:1:1: this file does not exist; write it: it is the configuration of the app blog`,
  })
})

t.test('an app › a socket that nothing answers is its own unit’s', async t => {
  await write('listen: 127.0.0.1:8080')
  await t.rejects(loadConfig(shop, {}, { passedSocketCount: 1 }), {
    message: /disable health-sidecar@shop\.socket$/,
  })
})
