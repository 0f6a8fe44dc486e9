import { readFile } from 'node:fs/promises'
import type { StatusDocument } from '../../../src/status/status-document.ts'
import { httpRequest } from '../../support/http-request.ts'
import type { Host } from './boot-host.ts'
import { eventually } from './eventually.ts'

/**
 * The operator's configuration. Rounds, cadences and the drain are shorter than anybody would have them, so that what takes a
 * minute and a half in service takes a second or two here; all else is as README advises.
 */
export const CONFIG = `listen: systemd
release: link:/srv/app/current
startup: { healthy_threshold: 2 }
drain: { wait: 2s }
checks:
  - name: homepage
    type: smoke
    target: uwsgi+unix:/run/app/uwsgi.sock
    host: shop.example.com
    headers: { X-Forwarded-Proto: https }
    expect: { status: 200, body: Welcome }
    depends_on: [database]
    interval: 1s
    fresh_for: 200ms
    timeout: 1s
    patience: 5s
  - name: migrations
    type: migrations
    tool: django
    database: { env_file: /etc/application/env-vars, variable: DATABASE_URL }
    manifest: /srv/app/current/migrations.json
    interval: 1s
    fresh_for: 200ms
  - name: env
    type: env
    files: [/etc/application/env-vars]
    required: [SECRET_KEY, ALLOWED_HOSTS, DATABASE_URL, PAYMENT_KEY]
    interval: 1s
    fresh_for: 200ms
  - name: database
    type: postgres
    database: { env_file: /etc/application/env-vars, variable: DATABASE_URL }
    required: false
    interval: 1s
    fresh_for: 200ms
    timeout: 500ms
`

/** Where an operator puts what is particular to the host. */
export const DROP_INS = '/etc/systemd/system/health-sidecar.service.d'

const DROP_IN = `[Service]
SupplementaryGroups=www-data
`

/** Where the operator has the package. */
const PACKAGE = '/root/health-sidecar.deb'

/** Installs the package. */
export const installPackage = async (host: Host, deb: string): Promise<void> => {
  await host.write(PACKAGE, await readFile(deb))
  await host.sh(`apt-get -q install -y ${PACKAGE}`)
}

/** Makes the package that is installed as a later version, with another default configuration. */
export const makeLaterVersion = (host: Host) =>
  host.sh(`
    cd /root
    dpkg-deb -R ${PACKAGE} later
    sed -i 's/^Version: .*/&+later/' later/DEBIAN/control
    echo '# what a later version knows' >>later/etc/health-sidecar/health-sidecar.yaml
    dpkg-deb -Znone --root-owner-group -b later later.deb
    rm -r later`)

/** Installs it. */
export const UPGRADE = 'apt-get -q install -y -o Dpkg::Options::=--force-confold /root/later.deb'

/** Configures the sidecar for the shop, and does not start it. */
export const configureSidecar = async (host: Host): Promise<void> => {
  await host.write('/etc/health-sidecar/health-sidecar.yaml', CONFIG)
  await host.sh(`mkdir -p ${DROP_INS}`)
  await host.write(`${DROP_INS}/app.conf`, DROP_IN)
  await host.sh('systemctl daemon-reload')
}

/** What starts it, at boot and now. */
export const ENABLE = 'systemctl enable --quiet --now health-sidecar.socket health-sidecar.service'

/** What the load balancer gets: a status, or 0 where there is no answer. */
export const probe = async (host: Host, path = '/health'): Promise<number> => {
  const { stdout } = await host.run(
    `curl -s -o /dev/null -w '%{http_code}' --max-time 5 http://127.0.0.1${path}`,
  )
  return Number(stdout)
}

/** What the daemon of a unit thinks. */
export const statusOf = async (host: Host, unit = 'health-sidecar'): Promise<StatusDocument> => {
  const socketPath = host.socket(`/run/${unit}/admin.sock`)
  return JSON.parse((await httpRequest({ socketPath, path: '/status' })).body)
}

/** The process of the service; 0 where there is none. */
export const mainPid = async (host: Host, unit = 'health-sidecar'): Promise<number> =>
  Number(await host.sh(`systemctl show --property=MainPID --value ${unit}.service`))

/** Waits for this answer to a probe. */
export const answers = (host: Host, status: 200 | 503, path = '/health'): Promise<number> =>
  eventually(() => probe(host, path), {
    what: `the answer ${status} of ${path}`,
    isReached: seen => seen === status,
  })
