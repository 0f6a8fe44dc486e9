import { policyOf } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { createConfiguredMonitor } from '../configured-monitor.ts'
import type { Policy } from '../core/verdict.ts'
import { followRelease } from '../host/release.ts'
import { createSystemClock } from '../monitor/clock.ts'
import { textReport } from '../status/text-report.ts'
import { passedSockets } from '../systemd/passed-sockets.ts'
import { exitCodeOf } from './exit-code.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** A check and all that it depends on; only the check itself counts. Throws a UsageError if no check has that name. */
const narrow = (policy: Policy, only: string): Policy => {
  const byName = new Map(policy.checks.map(check => [check.name, check]))
  if (!byName.has(only))
    throw new UsageError(
      `no check is named ${JSON.stringify(only)}; there are ${[...byName.keys()].join(', ')}`,
    )
  const names = new Set([only])
  for (const name of names) for (const dependency of byName.get(name)?.dependsOn ?? []) names.add(dependency)
  const checks = policy.checks
    .filter(({ name }) => names.has(name))
    .map(check => ({ ...check, required: check.name === only, gate: 'always' as const }))
  return { ...policy, checks }
}

/** `health-sidecar check`: runs every check once, now, as before a first pass. Throws a ConfigError or a UsageError. */
export const checkCommand = async (
  options: { readonly config?: string; readonly only?: string },
  { env }: Pick<Terminal, 'env'>,
): Promise<Outcome> => {
  const config = await loadConfig(options.config, env, { passedSocketCount: passedSockets(env).length })
  const policy = { ...policyOf(config), startupHealthyThreshold: 1 }
  await using configured = createConfiguredMonitor(config, {
    policy: options.only === undefined ? policy : narrow(policy, options.only),
    clock: createSystemClock(),
    random: Math.random,
    release: await followRelease(config.release, env),
  })
  const document = configured.document(await configured.monitor.refresh())
  return outcomeOf({ code: exitCodeOf(document), document, text: textReport })
}
