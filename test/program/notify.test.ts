import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { freePort } from '../support/free-port.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'

const WATCHDOG_MS = 3000

t.test('serve › tells systemd when it listens, what it answers, of a reload and of its end', async t => {
  await using scratch = await createScratchDirectory('hs-notify-')
  const bin = join(scratch.path, 'bin')
  const calls = join(scratch.path, 'calls')
  await mkdir(bin)
  await writeFile(calls, '')
  // in the place of systemd's own, which wants a systemd to talk to; it writes a whole line, even if it is ended
  await writeFile(
    join(bin, 'systemd-notify'),
    `#!/bin/sh\nprintf '%s\\n' "$(printf '%s|' "$NOTIFY_SOCKET" "$@")" >>'${calls}'\n`,
  )
  await chmod(join(bin, 'systemd-notify'), 0o755)
  const envFile = join(scratch.path, 'app.env')
  await writeFile(envFile, 'KEY=1\n')
  const check = {
    name: 'env',
    type: 'env',
    files: [envFile],
    required: ['KEY'],
    interval: '100ms',
    timeout: '200ms',
    fresh_for: '50ms',
  }
  await using sidecar = await startSidecar({
    scratch,
    port: await freePort(),
    config: { startup: { healthy_threshold: 1 }, drain: { wait: '60s' }, checks: [check] },
    env: {
      PATH: `${bin}:${process.env['PATH']}`,
      NOTIFY_SOCKET: '/run/systemd/notify',
      WATCHDOG_USEC: String(WATCHDOG_MS * 1000),
    },
  })
  const told = async (): Promise<string> =>
    (await readFile(calls, 'utf8')).replaceAll('/run/systemd/notify|', '')
  const until = async (pattern: RegExp): Promise<void> => {
    for (let tries = 0; tries < 3000 && !pattern.test(await told()); tries += 1) await delay(20)
    t.match(await told(), pattern)
  }
  await until(/^READY=1\|WATCHDOG_USEC=3000000\|STATUS=503 starting: |^READY=1.*STATUS=200 serving/)
  await until(/STATUS=200 serving\|\n(WATCHDOG=1\|\n){2}/)
  await writeFile(envFile, 'KEY=\n')
  await until(/STATUS=503 serving: env: empty: KEY/)
  process.kill(sidecar.pid, 'SIGHUP')
  await until(/RELOADING=1\|[^]*READY=1\|/)
  process.kill(sidecar.pid, 'SIGTERM')
  await until(/STATUS=503 draining: SIGTERM\|/)
  await until(/STOPPING=1\|EXTEND_TIMEOUT_USEC=70000000\|/)
  await sidecar.stop()
  t.match(await told(), /^(.+\n)+$/)
})
