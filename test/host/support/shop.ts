import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from './boot-host.ts'

const PROJECT = join(import.meta.dirname, '../shop')
const MANIFEST_WRITER = join(import.meta.dirname, '../../../config/django/health_manifest.py')

/** What the app is configured by; no value of it is ever in a log. */
export const VARIABLES = {
  SECRET_KEY: 'only-for-tests-0d1f',
  ALLOWED_HOSTS: 'shop.example.com',
  DATABASE_URL: 'postgres://shop:hunter2@127.0.0.1:5432/shop',
  PAYMENT_KEY: 'pk-live-83aa',
}

const UNIT = `[Unit]
Description=The shop, under uWSGI
After=network.target postgresql.service
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
User=www-data
Group=www-data
EnvironmentFile=/etc/application/env-vars
WorkingDirectory=/srv/app/current
RuntimeDirectory=app
RuntimeDirectoryPreserve=yes
ExecStart=/usr/bin/uwsgi --ini /etc/application/uwsgi.ini
KillSignal=SIGQUIT
TimeoutStopSec=5

[Install]
WantedBy=multi-user.target
`

const UWSGI = `[uwsgi]
plugin = python3
chdir = /srv/app/current
module = shop.wsgi
master = true
processes = 2
socket = /run/app/uwsgi.sock
chmod-socket = 660
`

const NGINX = `server {
  listen 8080;
  location / {
    include uwsgi_params;
    uwsgi_param HTTP_X_FORWARDED_PROTO https;
    uwsgi_pass unix:/run/app/uwsgi.sock;
  }
}
`

/** The env file with these changes; what is undefined is left out. */
export const envFile = (changes: Readonly<Record<string, string | undefined>> = {}): string =>
  Object.entries<string | undefined>({ ...VARIABLES, ...changes })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')

/** `manage.py` of the release that is current, in the app's own environment. */
export const manage = (command: string): string =>
  `systemd-run --quiet --pipe --wait --uid=www-data --working-directory=/srv/app/current \
     --property=EnvironmentFile=/etc/application/env-vars python3 manage.py ${command}`

/** Puts a release of the shop on the host, with its manifest, as its build would make it. */
export const release = (name: string): string => `
  cp -a /usr/local/src/shop /srv/app/releases/${name}
  cd /srv/app/releases/${name}
  set -a; . /etc/application/env-vars; set +a
  DJANGO_SETTINGS_MODULE=shop.settings python3 /usr/local/src/health_manifest.py --output migrations.json`

/** Sets up the shop as a team would have it: Postgres, uWSGI, nginx in front; migrated, and running behind nginx on 8080. */
export const setUpShop = async (host: Host): Promise<void> => {
  const project = execFileSync('tar', ['-c', '--exclude=__pycache__', '-C', PROJECT, '.'])
  await host.sh('mkdir -p /usr/local/src/shop /etc/application /srv/app/releases')
  await host.sh('tar -x --no-same-owner -C /usr/local/src/shop', { stdin: project })
  await host.write('/usr/local/src/health_manifest.py', await readFile(MANIFEST_WRITER))
  await host.write('/etc/application/env-vars', envFile())
  await host.write('/etc/application/uwsgi.ini', UWSGI)
  await host.write('/etc/systemd/system/app.service', UNIT)
  await host.write('/etc/nginx/sites-available/default', NGINX)
  await host.sh(`
    chgrp www-data /etc/application/env-vars
    chmod 640 /etc/application/env-vars
    cd /
    runuser -u postgres -- psql -q -c "create role shop login password 'hunter2'" -c 'create database shop owner shop'
    ${release('2026.11.1')}
    ln -s releases/2026.11.1 /srv/app/current
    ${manage('migrate -v 0')}
    systemctl daemon-reload
    systemctl enable --quiet --now app.service
    systemctl restart nginx.service
    curl -fsS -H 'Host: shop.example.com' http://127.0.0.1:8080/ | grep -q Welcome`)
}
