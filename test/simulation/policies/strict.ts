import type { Config } from '../../../src/config/config.ts'
import type { Check } from '../../../src/core/check.ts'
import { createOurChecks } from './our-checks.ts'
import type { HostView, Judge, Policy } from './policy.ts'

const startStrict = (host: HostView, config: Config): Judge => {
  const { clock } = host
  const checks = createOurChecks(config, host)

  const passes = async (check: Check, timeoutMs: number): Promise<boolean> => {
    const controller = new AbortController()
    using _timer = clock.after(timeoutMs, () =>
      controller.abort(new DOMException('timed out', 'TimeoutError')),
    )
    const { status } = await check.run(controller.signal)
    return status === 'pass' || status === 'warn'
  }

  return {
    async probe() {
      const answers = await Promise.all(
        config.checks.map(({ name, timeout }) => passes(checks.get(name)!, timeout)),
      )
      return answers.every(Boolean) ? 200 : 503
    },
    end() {
      for (const check of checks.values()) void check[Symbol.asyncDispose]()
    },
  }
}

/**
 * Is everything well at this moment? The program's own checks, each run at each probe, and all of them must pass. An unknown
 * is a failure. So what differs from the program is not what it looks at, but what it makes of it (the gauntlet's baseline,
 * test/gauntlet/baselines.ts).
 */
export const strict = (config: Config): Policy => ({
  name: 'strict',
  start: host => startStrict(host, config),
})
