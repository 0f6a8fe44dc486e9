import { setTimeout as delay } from 'node:timers/promises'
import { policyOf } from '../config/config.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { appOf, unitOf } from '../config/named-app.ts'
import type { ConfigRef } from '../config/named-app.ts'
import { createConfiguredMonitor } from '../configured-monitor.ts'
import { createInstanceMetadata, metadataEndpoint } from '../connect/instance-metadata.ts'
import type { Policy, Verdict } from '../core/verdict.ts'
import { filesSettleInMs } from '../files/files.ts'
import { followRelease } from '../host/release.ts'
import { createSystemClock } from '../monitor/clock.ts'
import { askSome } from '../peers/ask-some.ts'
import { askingOf } from '../peers/asking.ts'
import { createOwnQuestions } from '../peers/own-questions.ts'
import { unansweredNote } from '../peers/reach.ts'
import { textReport } from '../status/text-report.ts'
import { passedSockets } from '../systemd/passed-sockets.ts'
import { checkAsService, seesMoreThanService } from './check-as-service.ts'
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

export interface CheckOptions {
  readonly config?: ConfigRef
  readonly only?: string
  readonly asService?: boolean
  readonly json?: boolean
}

/** What is wrong if no peer answers; undefined if nothing is. No answer counts in the verdict. */
const askPeers = async (config: Config): Promise<string | undefined> =>
  config.peers === undefined
    ? undefined
    : unansweredNote(
        await askSome(askingOf(() => config, { random: Math.random, questions: createOwnQuestions() })),
      )

/** Files that go on changing are waited for twice, for 3 s at most. On a busy host, the looks may take longer than that. */
const MOST_LOOKS = 3

/**
 * Whether the sidecar could not look, which may come of a file that somebody is writing: what else is unknown does not
 * depend on files.
 */
const couldNotLook = ({ checks }: Verdict): boolean =>
  checks.some(({ finding }) => finding.status === 'unknown' && (finding.cause ?? 'local') === 'local')

/**
 * `health-sidecar check`: runs every check once, now, as before a first pass. If it could not look, and a file that it
 * read changed a moment ago, it waits until the files have settled, and looks again. Throws a ConfigError or a UsageError.
 */
export const checkCommand = async (
  options: CheckOptions,
  terminal: Pick<Terminal, 'env' | 'err' | 'out'>,
): Promise<Outcome | number> => {
  const { env, err } = terminal
  const unit = `${unitOf(appOf(options.config))}.service`
  if (options.asService === true) {
    if (typeof options.config === 'string')
      throw new UsageError('--as-service reads the configuration of the service; leave --config out')
    const { only, json } = options
    const args = [...(only === undefined ? [] : ['--only', only]), ...(json === true ? ['--json'] : [])]
    return await checkAsService(unit, args, terminal)
  }
  if (await seesMoreThanService(unit, env))
    err('this is root, who sees more than the service: `check --as-service` sees what the service sees\n')
  const config = await loadConfig(options.config, env, { passedSocketCount: passedSockets(env).length })
  const all = { ...policyOf(config), startupHealthyThreshold: 1 }
  const policy = options.only === undefined ? all : narrow(all, options.only)
  const release = await followRelease(config.release, env)
  const metadata = createInstanceMetadata(metadataEndpoint(env))

  const peersNote = options.only === undefined ? askPeers(config) : undefined

  const look = async () => {
    await using configured = createConfiguredMonitor(config, {
      policy,
      clock: createSystemClock(),
      random: Math.random,
      metadata,
      release,
    })
    const verdict = await configured.monitor.refresh()
    const note = await peersNote
    const notes = [...config.warnings, ...(note === undefined ? [] : [note])]
    const document = configured.document(verdict, { notes })
    return { document, mayBeTooEarly: couldNotLook(verdict) || release.problem() !== undefined }
  }

  for (let looks = 1; ; looks += 1) {
    const beganAtMs = Date.now()
    const { document, mayBeTooEarly } = await look()
    const waitMs = mayBeTooEarly ? filesSettleInMs(beganAtMs) : undefined
    if (waitMs === undefined || looks === MOST_LOOKS)
      return outcomeOf({ code: exitCodeOf(document), document, text: textReport })
    err('a file changed a moment ago and may not be complete; looking again once it has settled\n')
    await delay(waitMs)
    await release.look()
  }
}
