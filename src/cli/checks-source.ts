import { policyOf } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import type { ConfigRef } from '../config/named-app.ts'
import { createConfiguredMonitor } from '../configured-monitor.ts'
import { createInstanceMetadata, metadataEndpoint } from '../connect/instance-metadata.ts'
import { followRelease } from '../host/release.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import { createSystemClock } from '../monitor/clock.ts'
import type { StatusSource } from './status-source.ts'

/** The checks themselves, run in this process by the rules of a start. Throws a ConfigError. */
export const checksSource = async (ref: ConfigRef, env: ProcessEnv): Promise<StatusSource> => {
  const config = await loadConfig(ref, env)
  const release = await followRelease(config.release, env)
  const configured = createConfiguredMonitor(config, {
    policy: policyOf(config),
    clock: createSystemClock(),
    random: Math.random,
    metadata: createInstanceMetadata(metadataEndpoint(env)),
    release,
  })
  configured.monitor.start()
  return {
    async look() {
      if (await release.look()) configured.monitor.restart()
      return { ok: true, document: configured.document(configured.monitor.current()) }
    },
    [Symbol.asyncDispose]: () => configured[Symbol.asyncDispose](),
  }
}
