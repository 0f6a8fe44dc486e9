import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { eventually } from './support/eventually.ts'
import { whileProbed } from './support/prober.ts'
import { readyHost } from './support/ready-host.ts'
import { answers, CONFIG, probe } from './support/sidecar.ts'

const { host } = await readyHost(t)

const CONFIG_FILE = '/etc/health-sidecar/health-sidecar.yaml'
const EXAMPLES = '/usr/share/doc/health-sidecar/examples'
const LOGS = '/var/log/health-sidecar'
const RESTART = 'systemctl restart health-sidecar.service'

/** The events of a log file; every line must be one. */
const eventsOf = async (files: string) =>
  (await host.sh(`cat ${files}`))
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

const eventually200 = () => answers(host, 200)

t.test('logrotate › rotates the log files as installed, and not a line of a probe is lost', async t => {
  await host.write(CONFIG_FILE, `${CONFIG}log: { file: ${LOGS}/health-sidecar.log, probes: all }\n`)
  await host.sh(`${RESTART}; logrotate --debug /etc/logrotate.d/health-sidecar`)
  await eventually200()
  const before = (await eventsOf(`${LOGS}/health-sidecar.log`)).filter(
    ({ event }) => event === 'probe.answered',
  )
  const { sent, statuses } = await whileProbed(host, {
    perSecond: 100,
    async doing() {
      for (let rotation = 0; rotation < 3; rotation++) {
        await delay(300)
        await host.sh('logrotate --force /etc/logrotate.d/health-sidecar')
      }
      await delay(300)
    },
  })
  t.strictSame(statuses, { 200: sent })
  t.equal(
    (await host.sh(`stat -c '%U %G %a' ${LOGS}/health-sidecar.log`)).trim(),
    'health-sidecar health-sidecar 640',
  )
  t.equal((await host.sh(`ls ${LOGS} | wc -l`)).trim(), '4', 'the file and three that were rotated')
  const events = await eventually(
    async () => {
      await host.sh(`cd ${LOGS}; gunzip --force --keep *.gz 2>/dev/null || true`)
      return await eventsOf(`${LOGS}/*.log ${LOGS}/*.log.[0-9]`)
    },
    {
      what: 'a line for each probe',
      isReached: known =>
        known.filter(({ event }) => event === 'probe.answered').length >= before.length + sent,
    },
  )
  t.equal(events.filter(({ event }) => event === 'probe.answered').length, before.length + sent)
})

t.test('a log disk that is full › never delays an answer, and what was dropped is counted', async t => {
  const file = `${LOGS}/health-sidecar.log`
  await host.sh(`
    mount -t tmpfs -o size=64k,mode=777 tmpfs ${LOGS}
    ${RESTART}`)
  await eventually200()
  const probes = await whileProbed(host, { perSecond: 600, doing: () => delay(8_000) })
  t.match(await host.sh(`df --output=avail ${LOGS}`), /\b0\n/, 'the disk is full')
  t.strictSame(probes.statuses, { 200: probes.sent })
  t.ok(probes.worstMs < 1000, `${probes.sent} probes, the slowest took ${probes.worstMs} ms`)
  await host.sh(`mount -o remount,size=64m ${LOGS}`)
  const events = await eventually(() => eventsOf(file), {
    what: 'the count of what was dropped',
    isReached: known => known.some(({ event }) => event === 'log.dropped'),
  })
  const gaps = events.filter(({ event }) => event === 'log.dropped')
  const dropped = gaps.reduce((sum, gap) => sum + gap.dropped, 0)
  t.match(gaps[0], { level: 'error', why: 'ENOSPC' })
  t.comment(`${dropped} lines were dropped in ${gaps.length} gaps`)
  await host.write(CONFIG_FILE, CONFIG)
  await host.sh(`${RESTART}; umount ${LOGS}`)
  await eventually200()
})

t.test('nginx beside it › serves the app on its own port, and is no way to the sidecar', async t => {
  await host.sh(`
    rm /etc/nginx/sites-enabled/default
    sed 's|proxy_pass http://unix:/run/app/app.sock;|include uwsgi_params; uwsgi_param HTTP_X_FORWARDED_PROTO https; uwsgi_pass unix:/run/app/uwsgi.sock;|' \\
      ${EXAMPLES}/nginx/beside.conf >/etc/nginx/conf.d/app.conf
    nginx -t -q
    systemctl restart nginx.service`)
  t.match(await host.sh('curl -s -H "Host: shop.example.com" http://127.0.0.1:8080/'), 'Welcome')
  t.match(await host.sh('curl -s -o /dev/null -w "%{http_code}" http://127.0.0.1:8080/health'), '404')
  t.equal(await probe(host), 200)
})

t.test('nginx in front of it › has port 80, and passes on what the sidecar answers', async t => {
  await host.sh(`
    install -D -m 0644 ${EXAMPLES}/nginx/health-sidecar.socket.conf /etc/systemd/system/health-sidecar.socket.d/nginx.conf
    sed 's|proxy_pass http://unix:/run/app/app.sock;|include uwsgi_params; uwsgi_param HTTP_X_FORWARDED_PROTO https; uwsgi_pass unix:/run/app/uwsgi.sock;|' \\
      ${EXAMPLES}/nginx/in-front.conf >/etc/nginx/conf.d/app.conf
    nginx -t -q
    systemctl daemon-reload
    systemctl restart health-sidecar.socket health-sidecar.service nginx.service`)
  t.equal(await eventually200(), 200)
  t.match(await host.sh('curl -s -H "Host: shop.example.com" http://127.0.0.1/'), 'Welcome')
  await host.sh('systemctl stop app.service')
  t.equal(await answers(host, 503), 503, 'with the app down')
  await host.sh('systemctl start app.service')
  t.equal(await eventually200(), 200)
  await host.sh('systemctl stop health-sidecar.socket health-sidecar.service')
  t.equal(await probe(host), 503, 'and with nobody to ask')
})
