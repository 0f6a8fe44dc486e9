import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { SmokeKeys } from '../../checks/smoke/run-smoke.ts'
import { directory, start, startGunicorn, startNginx, startPhpFpm, startUwsgi } from './servers.ts'
import type { Running, Switches } from './servers.ts'

/** The framework behind a server: what it does about a Host that it does not know. */
export type Framework = 'Django' | 'Rails' | 'Node' | 'PHP'

export interface AppServer extends Running {
  readonly ask: Pick<SmokeKeys, 'target' | 'script'>
  /** The file of its socket. */
  readonly socket: string
}

export interface ServerKind {
  readonly name: string
  readonly framework: Framework
  start(t: Test, switches: Switches): Promise<AppServer>
}

const overHttp = (running: Running, socket: string): AppServer => ({
  ...running,
  socket,
  ask: { target: `http+unix:${socket}` },
})

/** A server that is told its socket on the command line. */
const served =
  (command: (socket: string) => readonly [string, ...string[]]) => async (t: Test, switches: Switches) => {
    const path = await directory(t)
    const socket = join(path, 's.sock')
    const running = await start(t, command(socket), { sockets: [socket], log: join(path, 'log'), switches })
    return overHttp(running, socket)
  }

const WSGI = 'project.wsgi:application'
const ASGI = 'project.asgi:application'

/** Debian's HAProxy in front of an app. */
export const startHaproxy = async (
  t: Test,
  { upstream, bind = '' }: { readonly upstream: string; readonly bind?: string },
) => {
  const path = await directory(t)
  const socket = join(path, 'a.sock')
  const configuration = join(path, 'haproxy.cfg')
  await writeFile(
    configuration,
    `defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend site
  bind unix@${socket} ${bind}
  default_backend app
backend app
  server app unix@${upstream}
`,
  )
  const running = await start(t, ['haproxy', '-f', configuration], {
    sockets: [socket],
    log: join(path, 'log'),
  })
  return overHttp(running, socket)
}

const phpFpm = async (t: Test, switches: Switches): Promise<AppServer> => {
  const running = await startPhpFpm(t, { switches })
  const script = join(import.meta.dirname, '../app/index.php')
  const { fastcgi } = running
  return { ...running, socket: fastcgi, ask: { target: `fastcgi+unix:${fastcgi}`, script } }
}

/** The app's servers, each with the same pages. */
export const serverKinds: readonly ServerKind[] = [
  {
    name: 'uWSGI on a uwsgi socket',
    framework: 'Django',
    async start(t, switches) {
      const running = await startUwsgi(t, { switches })
      return { ...running, socket: running.uwsgi, ask: { target: `uwsgi+unix:${running.uwsgi}` } }
    },
  },
  {
    name: 'uWSGI on an http-socket',
    framework: 'Django',
    async start(t, switches) {
      const running = await startUwsgi(t, { switches })
      return overHttp(running, running.http)
    },
  },
  {
    name: 'gunicorn',
    framework: 'Django',
    async start(t, switches) {
      const running = await startGunicorn(t, { switches })
      return overHttp(running, running.http)
    },
  },
  {
    name: 'nginx in front of uWSGI',
    framework: 'Django',
    async start(t, switches) {
      const { uwsgi } = await startUwsgi(t, { switches })
      const running = await startNginx(t, { upstream: uwsgi })
      return overHttp(running, running.http)
    },
  },
  {
    name: 'HAProxy in front of gunicorn',
    framework: 'Django',
    async start(t, switches) {
      const { http } = await startGunicorn(t, { switches })
      return await startHaproxy(t, { upstream: http })
    },
  },
  {
    name: 'waitress',
    framework: 'Django',
    start: served(socket => ['waitress-serve', `--unix-socket=${socket}`, WSGI]),
  },
  { name: 'uvicorn', framework: 'Django', start: served(socket => ['uvicorn', '--uds', socket, ASGI]) },
  {
    name: 'hypercorn',
    framework: 'Django',
    start: served(socket => ['hypercorn', '--bind', `unix:${socket}`, ASGI]),
  },
  { name: 'daphne', framework: 'Django', start: served(socket => ['daphne', '-u', socket, ASGI]) },
  { name: 'puma', framework: 'Rails', start: served(socket => ['puma', '-b', `unix://${socket}`]) },
  { name: 'Node', framework: 'Node', start: served(socket => [process.execPath, 'app.mjs', socket]) },
  { name: 'php-fpm', framework: 'PHP', start: phpFpm },
]
