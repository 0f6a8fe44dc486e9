import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { policyOf } from '../src/config/config.ts'
import { loadConfig } from '../src/config/load.ts'
import { createConfiguredMonitor } from '../src/configured-monitor.ts'
import { createInstanceMetadata } from '../src/connect/instance-metadata.ts'
import { proven, unproven } from '../src/core/host-state.ts'
import { followRelease } from '../src/host/release.ts'
import { serve } from './checks/smoke/fake-server.ts'
import { ManualClock } from './support/manual-clock.ts'

t.test('configured monitor › its checks know whether the host has served before', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'health-sidecar-configured-'))
  t.teardown(() => rm(directory, { recursive: true }))
  let arrived = Promise.withResolvers<void>()
  const app = await serve(t, () => arrived.resolve())
  const file = join(directory, 'config.yaml')
  await writeFile(file, `checks: [{ name: page, type: smoke, target: 'http+unix:${app.path}'}]`)
  const config = await loadConfig(file, {})
  const policy = policyOf(config, { spread: 0 })
  const clock = new ManualClock()
  const silent = [{ name: 'page', silentForMs: 300_000 }]
  for (const [host, says] of [
    [unproven(policy), /it counts as stuck if no answer comes within 30 s of the first run/],
    [proven(clock.now()), /it counts as stuck if no answer comes within 300 s of the first run/],
    [proven(clock.now(), { silent }), /every worker of the app is busy or stuck/],
  ] as const) {
    await using configured = createConfiguredMonitor(config, {
      policy,
      clock,
      random: Math.random,
      release: await followRelease(undefined, {}),
      metadata: createInstanceMetadata('http://127.0.0.1:1'),
      host,
    })
    arrived = Promise.withResolvers()
    const refreshed = configured.monitor.refresh()
    await arrived.promise
    await clock.advance(config.checks[0]!.timeout)
    const { output } = await refreshed
    t.match(output, says)
  }
})
