import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { NetConnectOpts } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { accepts } from '../../support/accepts.ts'

const app = join(import.meta.dirname, '../app')

export type Switches = Readonly<Record<`SMOKE_${string}`, string>>

/** A directory that goes with the test, short enough for the path of a Unix socket. */
export const directory = async (t: Test): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'smoke-'))
  t.teardown(() => rm(path, { recursive: true, force: true }))
  return path
}

export interface Running {
  /** Kills the server and all its workers at once, as a crash would. */
  kill(): Promise<void>
  /** Stops the server and all its workers, so that nothing is answered. */
  stop(): void
  /** Asks the server to reload itself. */
  readonly hup: () => void
}

export class DoesNotListen extends Error {}

/** Starts a server, and waits until it listens on its sockets. It ends with the test. Throws if the server ends before. */
export const start = async (
  t: Test,
  [command, ...args]: readonly [string, ...string[]],
  {
    sockets,
    log,
    switches = {},
  }: { sockets: readonly (string | NetConnectOpts)[]; log: string; switches?: Switches },
): Promise<Running> => {
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    PYTHONDONTWRITEBYTECODE: '1',
    RACK_ENV: 'production',
    ...switches,
  }
  const server = spawn('/bin/sh', ['-c', 'exec "$@" >"$0" 2>&1', log, command, ...args], {
    cwd: app,
    env,
    stdio: 'ignore',
    detached: true,
  })
  const exited = once(server, 'exit')
  const kill = async () => {
    // the group of the server that was started above, and nothing else
    if (server.exitCode === null && server.signalCode === null) process.kill(-(server.pid ?? 0), 'SIGKILL')
    await exited
  }
  const stop = () => process.kill(-(server.pid ?? 0), 'SIGSTOP')
  const hup = () => process.kill(server.pid ?? 0, 'SIGHUP')
  t.teardown(kill)
  for (let tries = 0; tries < 500; tries++) {
    if (
      (await Promise.all(sockets.map(at => accepts(typeof at === 'string' ? { path: at } : at)))).every(
        Boolean,
      )
    )
      return { kill, stop, hup }
    if (server.exitCode !== null) break
    await sleep(20)
  }
  throw new DoesNotListen(`${command} does not listen:\n${await readFile(log, 'utf8')}`)
}

export interface UwsgiServer extends Running {
  /** Where it speaks uwsgi. */
  readonly uwsgi: string
  /** Where it speaks HTTP. */
  readonly http: string
}

/** Debian's uWSGI with the app, on a uwsgi socket and on an HTTP socket. */
export const startUwsgi = async (
  t: Test,
  { switches = {}, args = ['--processes', '2'] }: { switches?: Switches; args?: readonly string[] } = {},
): Promise<UwsgiServer> => {
  const path = await directory(t)
  const [uwsgi, http] = [join(path, 'u.sock'), join(path, 'h.sock')]
  const sockets = ['--socket', uwsgi, '--http-socket', http]
  const program = ['--plugin', 'python3', '--module', 'project.wsgi', '--pythonpath', '.']
  const running = await start(t, ['uwsgi', '--master', ...program, ...sockets, ...args], {
    sockets: [uwsgi, http],
    log: join(path, 'log'),
    switches,
  })
  return { uwsgi, http, ...running }
}

/** Debian's gunicorn with the app. */
export const startGunicorn = async (
  t: Test,
  {
    switches = {},
    args = ['--workers', '2'],
    module = 'project.wsgi',
  }: { switches?: Switches; args?: readonly string[]; module?: string } = {},
): Promise<Running & { readonly http: string }> => {
  const path = await directory(t)
  const http = join(path, 'g.sock')
  const running = await start(t, ['gunicorn', ...args, '--bind', `unix:${http}`, module], {
    sockets: [http],
    log: join(path, 'log'),
    switches,
  })
  return { http, ...running }
}

/** Debian's nginx in front of an app that speaks uwsgi. `listen` follows its socket in `listen`. */
export const startNginx = async (
  t: Test,
  {
    upstream = '/nowhere.sock',
    listen = path => `listen unix:${path};`,
    sockets = [],
  }: {
    readonly upstream?: string
    /** What else the server has, and how it listens, if not on the socket alone. */
    readonly listen?: (path: string) => string
    /** More sockets to wait for. */
    readonly sockets?: readonly string[]
  },
): Promise<Running & { readonly http: string }> => {
  const path = await directory(t)
  const http = join(path, 'n.sock')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${path}/${name};`,
  )
  const configuration = `
    daemon off; worker_processes 1; user root; pid ${path}/pid; error_log ${path}/error.log;
    events {}
    http {
      access_log off; ${temporary.join(' ')}
      server {
        ${listen(http)}
        location / { include /etc/nginx/uwsgi_params; uwsgi_pass unix:${upstream}; }
      }
    }`
  await writeFile(join(path, 'nginx.conf'), configuration)
  const running = await start(t, ['nginx', '-c', join(path, 'nginx.conf')], {
    sockets: [http, ...sockets],
    log: join(path, 'log'),
  })
  return { http, ...running }
}

/** Debian's php-fpm. */
export const startPhpFpm = async (
  t: Test,
  { switches = {} }: { switches?: Switches } = {},
): Promise<Running & { readonly fastcgi: string }> => {
  const path = await directory(t)
  const fastcgi = join(path, 'f.sock')
  const program = (await readdir('/usr/sbin')).find(name => name.startsWith('php-fpm'))
  if (program === undefined) throw new Error('php-fpm is not installed')
  const configuration = [
    '[global]',
    `error_log = ${path}/error.log`,
    'daemonize = no',
    '[www]',
    'user = root',
    'group = root',
    `listen = ${fastcgi}`,
    'pm = static',
    'pm.max_children = 2',
    'clear_env = no',
    '',
  ].join('\n')
  await writeFile(join(path, 'fpm.conf'), configuration)
  const running = await start(t, [program, '--allow-to-run-as-root', '-y', join(path, 'fpm.conf')], {
    sockets: [fastcgi],
    log: join(path, 'log'),
    switches,
  })
  return { fastcgi, ...running }
}
