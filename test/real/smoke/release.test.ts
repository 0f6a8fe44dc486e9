import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { followRelease } from '../../../src/host/release.ts'
import { httpRequest } from '../../support/http-request.ts'
import { createSmoke, gist, messageOf } from '../../checks/smoke/run-smoke.ts'
import { directory, startGunicorn } from './servers.ts'

/** Reads its release when it is loaded, as an app's code does that was deployed with it. */
const app = `import os
release = open(os.path.join(os.path.dirname(__file__), "RELEASE")).read()
def application(environ, start_response):
    page = "This is %s." % release
    start_response("200 OK", [("X-Release", release), ("X-Worker", str(os.getpid()))])
    return [page.encode()]
`

const deployed = async (t: Test, args: readonly string[]) => {
  const root = await directory(t)
  const file = join(root, 'RELEASE')
  await writeFile(file, '1.2.3')
  await writeFile(join(root, 'shop.py'), app)
  const running = await startGunicorn(t, { module: 'shop', args: [...args, '--pythonpath', root] })
  const release = await followRelease(`file:${file}`, {})
  const checkOf = (place: string) => {
    const keys = { target: `http+unix:${running.http}`, expect: { release: place } }
    return createSmoke(keys, { release: release.current })
  }
  const checks = [checkOf('header:X-Release'), checkOf('body')] as const
  const look = () => Promise.all(checks.map(check => check.run(AbortSignal.timeout(20_000))))
  t.teardown(() => Promise.all(checks.map(check => check[Symbol.asyncDispose]())))
  const deploy = async () => {
    await writeFile(file, '1.2.4')
    await release.look()
  }
  return { ...running, look, deploy }
}

const workerOf = async (socketPath: string) =>
  (await httpRequest({ socketPath, path: '/' })).headers['x-worker']

/** Waits until another worker answers. */
const reloaded = async (socket: string, hup: () => void): Promise<void> => {
  const before = await workerOf(socket)
  hup()
  for (let tries = 0; tries < 500; tries++) {
    if ((await workerOf(socket).catch(() => before)) !== before) return
    await sleep(20)
  }
  throw new Error('no other worker answers')
}

t.test(
  'expect.release › gunicorn --preload goes on with the old code after HUP: both releases are named',
  async t => {
    const shop = await deployed(t, ['--workers', '1', '--preload'])
    t.strictSame((await shop.look()).map(gist), ['pass', 'pass'])
    await shop.deploy()
    await reloaded(shop.http, shop.hup)
    for (const finding of await shop.look()) {
      t.equal(gist(finding), 'fail SMOKE_RELEASE_UNEXPECTED')
      t.match(
        messageOf(finding),
        /"1\.2\.3", but the release on this host is "1\.2\.4": restart the app.*gunicorn --preload/,
      )
    }
  },
)

t.test('expect.release › gunicorn without --preload loads the new code after HUP', async t => {
  const shop = await deployed(t, ['--workers', '1'])
  t.strictSame((await shop.look()).map(gist), ['pass', 'pass'])
  await shop.deploy()
  t.strictSame((await shop.look()).map(gist), [
    'fail SMOKE_RELEASE_UNEXPECTED',
    'fail SMOKE_RELEASE_UNEXPECTED',
  ])
  await reloaded(shop.http, shop.hup)
  t.strictSame((await shop.look()).map(gist), ['pass', 'pass'])
})
