import { readFile } from 'node:fs/promises'
import t from 'tap'
import { codeBlocks } from '../docs/markdown.ts'
import { bootHost } from './support/boot-host.ts'
import { DEB, HOST_ROOT } from './support/given.ts'
import { installPackage, probe } from './support/sidecar.ts'

// A person who has never seen the sidecar follows docs/install.md, on a host whose nginx has port 80, with an app that has a /tmp
// and an env file of its own. Each command is taken from the page. Each test goes on where the one before it has left off.

const host = await bootHost(HOST_ROOT)
t.teardown(() => host[Symbol.asyncDispose]())

const page = await readFile('docs/install.md', 'utf8')
const steps = codeBlocks(page.split(/^### /m).find(part => part.startsWith('Step by step')) ?? '', 'sh')

/** The step with this in its commands; the socket of this host's app is elsewhere than that of the page's. */
const step = (part: string): string => {
  const found = steps.find(text => text.includes(part))
  if (found === undefined) throw new Error(`no step of docs/install.md has ${part}`)
  return found.replace('/run/shop/app.sock', '/tmp/shop.sock')
}

const APP = `
import socketserver
from http.server import BaseHTTPRequestHandler
class Page(BaseHTTPRequestHandler):
    def address_string(self): return 'local'
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', '7')
        self.end_headers()
        self.wfile.write(b'Welcome')
socketserver.ThreadingUnixStreamServer('/tmp/shop.sock', Page).serve_forever()
`

const APP_UNIT = `[Service]
User=shop
PrivateTmp=yes
UMask=0007
ExecStart=/usr/bin/python3 /srv/shop.py
`

const inUse = new Set<string>()
const walk = async (part: string) => {
  inUse.add(step(part))
  return await host.run(step(part))
}

t.test('the package › says what to do next', async t => {
  await host.write('/srv/shop.py', APP)
  await host.write('/etc/systemd/system/shop.service', APP_UNIT)
  await host.sh(`
    useradd --system shop
    install -d /etc/shop
    echo SECRET_KEY=f8e2a1c07d4b4e5d >/etc/shop/env
    chown root:shop /etc/shop/env
    chmod 640 /etc/shop/env
    systemctl start shop.service nginx.service`)
  await installPackage(host, DEB)
  t.match(
    await host.sh('sed -n "/Next:/,/END/p" /var/lib/dpkg/info/health-sidecar.postinst'),
    step('ss ').trim(),
  )
})

t.test('step 1 › shows who has the port', async t => {
  t.match(await walk('ss '), { code: 0, stdout: /:80 .*nginx/ })
})

t.test('step 2 › takes the configuration and shows it', async t => {
  t.match(await walk('health-sidecar config'), {
    code: 0,
    stdout: /: valid; in force[^]*unhealthy_threshold: 1/,
  })
})

t.test(
  'step 4, too early › the start fails, the page says what to take back, and port 80 stays nginx’s',
  async t => {
    const { code, stderr } = await walk('systemctl enable --now')
    t.not(code, 0)
    t.match(stderr, /A dependency job for health-sidecar\.service failed/)
    t.match(
      (await host.run('systemctl status --no-pager health-sidecar.socket')).stdout,
      /Address already in use/,
    )
    t.match(await host.run('health-sidecar wait --timeout 1s'), {
      code: 3,
      stdout: /see systemctl status health-sidecar\.socket health-sidecar\.service/,
    })
    t.match(await host.run('systemctl is-enabled health-sidecar.socket'), { stdout: 'enabled\n' })
    t.match(await walk('systemctl disable'), { code: 0 })
    t.match(await host.run('systemctl is-enabled health-sidecar.socket health-sidecar.service'), {
      stdout: 'disabled\ndisabled\n',
    })
  },
)

t.test('step 1, again › the sidecar gets another port', async t => {
  t.match(await walk('ListenStream=8080'), { code: 0 })
})

t.test('a check typed by root › sees the env file, and says that the service may not', async t => {
  const { stdout, stderr } = await host.run(
    'health-sidecar check --config /etc/health-sidecar/health-sidecar.yaml',
  )
  t.match(stdout, /^env +pass/m)
  t.match(stderr, /this is root, who sees more than the service: `check --as-service` sees/)
})

t.test(
  'step 3 › the check of the service names the group and PrivateTmp=, and passes once they are set',
  async t => {
    const first = await walk('check --as-service')
    t.equal(first.code, 2)
    t.match(
      first.stdout,
      /^homepage +fail .*PrivateTmp= of one of the two units hides its \/tmp: set JoinsNamespaceOf=/m,
    )
    t.match(first.stdout, /^env +unknown .*\/etc\/shop\/env cannot be read \(EACCES\).*SupplementaryGroups=/m)
    t.notMatch(first.stderr, /this is root/)
    t.match(await walk('SupplementaryGroups='), { code: 0 })
    t.match((await walk('check --as-service')).stdout, /^env +pass/m)
    t.match(await walk('JoinsNamespaceOf='), { code: 0 })
    t.match(await walk('check --as-service'), { code: 0, stdout: /^verdict: pass/m })
    const json = await host.run('health-sidecar check --as-service --only env --json')
    t.match(JSON.parse(json.stdout), { status: 'pass' })
  },
)

t.test('step 3 › a group that does not exist is told of, and is no verdict', async t => {
  const dropIn = '/etc/systemd/system/health-sidecar.service.d/nowhere.conf'
  await host.sh(`printf '[Service]\\nSupplementaryGroups=nowhere\\n' >${dropIn}; systemctl daemon-reload`)
  t.match(await walk('check --as-service'), {
    code: 70,
    stderr: /a group of SupplementaryGroups= does not exist/,
  })
  await host.sh(`rm ${dropIn}; systemctl daemon-reload`)
})

t.test('step 4 › the service starts beside nginx, and sees what the check has seen', async t => {
  await host.sh(`printf 'startup: { healthy_threshold: 1 }\\n' >>/etc/health-sidecar/health-sidecar.yaml`)
  const { code, stdout } = await walk('systemctl enable --now')
  t.equal(code, 0, stdout)
  t.equal(await host.sh(`curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8080/health`), '200')
  t.equal(await probe(host, '/'), 200, 'nginx still has port 80')
})

t.test('the walk › has taken every step of the page', async t => {
  t.strictSame(
    steps.map(text => text.replace('/run/shop/app.sock', '/tmp/shop.sock')).filter(text => !inUse.has(text)),
    [],
  )
})
