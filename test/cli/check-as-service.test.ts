import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { runInProcess } from '../support/run-in-process.ts'

/** Stands in for systemd: prints a unit, and keeps what it is asked to run. */
const withSystemd = (
  t: Test,
  systemdRun: string,
  more = '',
): { readonly asked: () => string; readonly env: { readonly PATH: string } } => {
  const dir = t.testdir()
  const program = (name: string, script: string) => {
    writeFileSync(join(dir, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(dir, name), 0o755)
  }
  program(
    'systemctl',
    `cat <<'END'\n[Service]\nUser=a\nPrivateIPC=yes\nExecStart=/bin/sidecar serve --config /c\n${more}\nEND`,
  )
  program('systemd-run', `echo "$*" >>"\${0%/*}/asked"\n${systemdRun}`)
  const before = process.env['PATH']
  t.teardown(() => void (process.env['PATH'] = before))
  const env = { PATH: `${dir}:${before}` }
  process.env['PATH'] = env.PATH
  return { asked: () => readFileSync(join(dir, 'asked'), 'utf8'), env }
}

const check = (env: { readonly PATH: string }, ...more: readonly string[]) =>
  runInProcess(['check', '--as-service', ...more], { env })

t.test(
  'check --as-service › runs the command of the unit with its settings, and answers what that answers',
  async t => {
    const { asked, env } = withSystemd(t, 'echo verdict: fail; echo note >&2; exit 2')
    t.match(await check(env, '--only', 'env'), { code: 2, out: 'verdict: fail\n', err: 'note\n' })
    t.match(asked(), /-p User=a -p PrivateIPC=yes -- \/bin\/sidecar check --config \/c --only env\n$/)
  },
)

t.test(
  'check --as-service › leaves out what an older systemd does not know, as it does in a unit',
  async t => {
    const refuse = 'case "$*" in *PrivateIPC*) echo "Unknown assignment: PrivateIPC=yes" >&2; exit 1;; esac'
    const { asked, env } = withSystemd(t, `${refuse}\necho verdict: pass`)
    t.match(await check(env), { code: 0, out: 'verdict: pass\n', err: '' })
    t.equal(asked().trim().split('\n').length, 2)
  },
)

t.test('check --as-service › what systemd does not run is neither a pass nor a warning', async t => {
  const { env } = withSystemd(t, 'echo "Failed to start transient service unit: Access denied" >&2; exit 1')
  t.match(await check(env), { code: 70, out: '', err: /could not run the check as .*Access denied/ })
  t.match(await check(env, '--config', 'a.yaml'), { code: 64, err: /leave --config out/ })
})

t.test('check --as-service › finds a credential by its directory in an environment', async t => {
  const { asked, env } = withSystemd(t, 'echo verdict: pass', 'Environment=PASSWORD_FILE=%d/password')
  t.match(await check(env), { code: 0 })
  const [, unit = ''] = /--unit=(\S+)/.exec(asked()) ?? []
  t.match(unit, /^health-sidecar-check-\d+\.service$/)
  t.match(asked(), `-p Environment=PASSWORD_FILE=/run/credentials/${unit}/password -- `)
})

t.test('check --as-service › is no answer if only systemd knows what the service sees', async t => {
  const { env } = withSystemd(t, 'echo verdict: pass', 'Environment=SECRET=s3cret%q')
  const { code, out, err } = await check(env)
  t.strictSame([code, out], [64, ''])
  t.match(
    err,
    /health-sidecar\.service has %q in Environment=, which only systemd can replace; write the value/,
  )
  t.notMatch(err, 's3cret')
})
