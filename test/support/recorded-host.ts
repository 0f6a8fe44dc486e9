import type { Check } from '../../src/core/check.ts'
import type { Finding } from '../../src/core/finding.ts'
import { proven, underNewPolicy } from '../../src/core/host-state.ts'
import type { Against } from '../../src/core/host-state.ts'
import type { Policy } from '../../src/core/verdict.ts'
import { answerOf } from '../../src/core/answer.ts'
import { openHistory } from '../../src/history/history.ts'
import type { History } from '../../src/history/history.ts'
import type { CheckSummary } from '../../src/history/record.ts'
import { Monitor } from '../../src/monitor/monitor.ts'
import type { OtherConfiguration } from '../../src/replay/sight.ts'
import { holdFor } from './hold-for.ts'
import { ManualClock } from './manual-clock.ts'

/** How a check takes its next runs. */
export type Manner =
  | 'pass'
  | 'warn'
  | 'delayed'
  | 'fail'
  | 'stuck'
  | 'shared'
  | 'full'
  | 'busy'
  | 'progress'
  | 'local'
  | 'slow'
  | 'throws'
  | 'hangs'

export type Step =
  | { readonly kind: 'manner'; readonly check: number; readonly manner: Manner }
  | { readonly kind: 'time' | 'suspend' | 'drain'; readonly ms: number }
  | { readonly kind: 'peers'; readonly answer: 'pass' | 'fail' | 'nobody' | 'none' }
  | { readonly kind: 'obstacle'; readonly isThere: boolean }
  | { readonly kind: 'probe' | 'resume' | 'reload' | 'refresh' | 'restart' | 'release' }

/** A configuration, as far as the rules go. */
export interface Rules {
  readonly checks: readonly CheckSummary[]
  readonly holdMs?: number
  readonly rounds?: number
  readonly peers?: string
}

const findings: Readonly<Record<string, Finding>> = {
  pass: { status: 'pass' },
  slow: { status: 'pass' },
  warn: { status: 'warn', reason: 'SMOKE_SLOW', message: 'odd' },
  delayed: { status: 'warn', reason: 'DATABASE_SLOW', cause: 'shared', message: 'takes 900 ms' },
  fail: { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed' },
  shared: { status: 'unknown', reason: 'DATABASE_REFUSED', cause: 'shared', message: 'refused' },
  full: {
    status: 'unknown',
    reason: 'DATABASE_TOO_MANY_CONNECTIONS',
    cause: 'shared',
    isEverybodys: true,
    message: 'full',
  },
  stuck: { status: 'fail', reason: 'SMOKE_NO_ANSWER', silentForMs: 30_000, message: 'stuck' },
  busy: { status: 'unknown', reason: 'SMOKE_NO_ANSWER', cause: 'busy', message: 'busy' },
  progress: { status: 'unknown', reason: 'SMOKE_NO_ANSWER', cause: 'busy', progress: true, message: 'busy' },
  local: { status: 'unknown', reason: 'CHECK_BROKE', message: 'broke' },
}

export const policyBy = ({ checks, holdMs = 120_000, rounds = 3, peers }: Rules): Policy => ({
  checks,
  holdMs: { ...holdFor(holdMs), shared: holdMs * 2 },
  startupHealthyThreshold: rounds,
  asksPeers: peers !== undefined,
})

export const otherBy = (rules: Rules): OtherConfiguration => ({
  checks: rules.checks,
  summary: {
    startupHealthyThreshold: rules.rounds ?? 3,
    spread: 0,
    ...(rules.peers !== undefined && { peers: rules.peers }),
  },
  policyWith: () => policyBy(rules),
})

/** Whether a host answers 200, at a time of its wall clock. */
export interface Sample {
  readonly time: string
  readonly answer: 200 | 503
}

/** Plays a trace on the real monitor with the real history, and answers its lines. */
export const recordHost = async (
  rules: Rules,
  { steps, sampleEveryMs = Infinity }: { readonly steps: readonly Step[]; readonly sampleEveryMs?: number },
): Promise<{ readonly lines: readonly string[]; readonly samples: readonly Sample[] }> => {
  const clock = new ManualClock()
  const policy = policyBy(rules)
  const manners: Manner[] = rules.checks.map(() => 'pass')
  const lines: string[] = []
  const samples: Sample[] = []
  let seed = 7
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  let release = 1
  let latch: number | undefined
  let against: Pick<Against, 'failing' | 'held'> = { failing: [], held: [] }
  let noteFailing = () => {}
  let obstacle: string | undefined

  const checks = new Map(
    rules.checks.map(({ name }, i): [string, Check] => [
      name,
      {
        async run() {
          const manner = manners[i] ?? 'pass'
          if (manner === 'throws') throw new Error('broke')
          if (manner === 'hangs') return await new Promise<Finding>(() => {})
          if (manner === 'slow') await new Promise<void>(resolve => void clock.after(1500, resolve))
          return findings[manner] ?? { status: 'pass' }
        },
        async [Symbol.asyncDispose]() {},
      },
    ]),
  )

  const monitorOf = (history: History, host: Parameters<typeof underNewPolicy>[0] | undefined): Monitor =>
    new Monitor({
      policy,
      checks,
      deadlineMs: 4000,
      clock,
      random,
      obstacle: () => obstacle,
      listeners: [
        history.listener,
        { proved: () => void (latch = release), checkAnswered: () => noteFailing() },
      ],
      ...(host && { host }),
    })

  const start = async () => {
    const latched = latch === release
    const { failing, held } = latched ? against : { failing: [], held: [] }
    const history = await openHistory({
      stateDir: '/nonexistent/never-written',
      bootId: 'boot',
      release: undefined,
      clock,
      logger: { log: () => {} },
      summaryOf: name => rules.checks.find(check => check.name === name),
      configuration: () => ({ configHash: 'a', checks: rules.checks, policy: otherBy(rules).summary }),
    })
    let inCharge = monitorOf(history, latched ? proven(clock.now(), { failing, held }) : undefined)
    noteFailing = () => {
      if (inCharge.host.life.phase === 'serving') against = inCharge.against()
    }
    let drained: { reason: string; until?: string } | undefined
    history.started({ version: '1', latched, failing, held }, () => {
      const { life, states } = inCharge.host
      return {
        verdict: inCharge.current(),
        since: clock.date(),
        release: `v${release}`,
        states,
        drain: drained,
        startup: life.phase === 'starting' ? { rounds: life.rounds, needed: life.needed } : undefined,
        peers: life.peers,
      }
    })
    inCharge.start()
    return {
      get monitor() {
        return inCharge
      },
      drain(ms: number) {
        const until = clock.now() + ms
        drained = { reason: 'kernel', until: new Date(clock.date().getTime() + ms).toISOString() }
        inCharge.drain({ reason: 'kernel', until })
      },
      resume() {
        drained = undefined
        inCharge.resume()
      },
      reload() {
        const before = inCharge
        const change = { before: policy, isUnchanged: () => true, now: clock.now() }
        inCharge = monitorOf(history, underNewPolicy(before.host, policy, change))
        history.configured({ outcome: 'taken' })
        void before[Symbol.asyncDispose]()
        inCharge.start()
      },
      async kill() {
        lines.push(...(await history.read()).filter(line => !line.includes('"event":"now"')))
        void inCharge[Symbol.asyncDispose]()
      },
    }
  }

  let daemon = await start()
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= sampleEveryMs) {
      await clock.advance(Math.min(left, sampleEveryMs))
      samples.push({
        time: clock.date().toISOString(),
        answer: answerOf(daemon.monitor.current().status),
      })
    }
  }
  for (const step of steps)
    switch (step.kind) {
      case 'manner':
        manners[step.check] = step.manner
        break
      case 'time':
        await advance(step.ms)
        break
      case 'suspend':
        clock.jump(step.ms)
        break
      case 'probe': {
        const verdict = daemon.monitor.verdict()
        await advance(4000)
        await verdict
        break
      }
      case 'refresh': {
        const verdict = daemon.monitor.refresh()
        await advance(30_000)
        await verdict
        break
      }
      case 'drain':
        daemon.drain(step.ms)
        break
      case 'resume':
        daemon.resume()
        break
      case 'reload':
        daemon.reload()
        break
      case 'peers':
        daemon.monitor.hearPeers(
          step.answer === 'none'
            ? undefined
            : step.answer === 'nobody'
              ? { known: 0, answers: [], at: clock.now() }
              : { known: 1, answers: [{ peer: 'a', answer: step.answer }], at: clock.now() },
        )
        break
      case 'obstacle':
        obstacle = step.isThere ? 'the release is not known' : undefined
        break
      case 'release':
        release += 1
        daemon.monitor.restart()
        break
      case 'restart':
        await daemon.kill()
        daemon = await start()
        break
    }
  await daemon.kill()
  return { lines, samples }
}
