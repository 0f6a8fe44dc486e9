import type { CheckPolicy } from '../../src/core/check-state.ts'
import type { Check, RunRequest } from '../../src/core/check.ts'
import type { Finding } from '../../src/core/finding.ts'
import { proven } from '../../src/core/host-state.ts'
import { Monitor } from '../../src/monitor/monitor.ts'
import type { MonitorOptions } from '../../src/monitor/monitor.ts'
import { checkPolicy } from '../support/check-policy.ts'
import { holdFor } from '../support/hold-for.ts'
import { ManualClock } from '../support/manual-clock.ts'

export const pass: Finding = { status: 'pass' }
export const fail: Finding = { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed' }
export const unknown: Finding = { status: 'unknown', reason: 'DATABASE_REFUSED', message: 'refused' }

/** A check that answers what the test has last told it to, and counts how it is asked. */
export class FakeCheck implements Check {
  runs = 0
  atOnce = 0
  mostAtOnce = 0
  answer: (signal: AbortSignal) => Promise<Finding>

  constructor(answer: Finding | ((signal: AbortSignal) => Promise<Finding>) = pass) {
    this.answer = typeof answer === 'function' ? answer : async () => answer
  }

  says(finding: Finding) {
    this.answer = async () => finding
  }

  /** In the place of `answer`, where the answer depends on how it is asked. */
  answerTo: ((request: RunRequest) => Finding) | undefined

  async run(signal: AbortSignal, request: RunRequest = {}): Promise<Finding> {
    this.runs += 1
    this.atOnce += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce)
    try {
      return this.answerTo?.(request) ?? (await this.answer(signal))
    } finally {
      this.atOnce -= 1
    }
  }

  async [Symbol.asyncDispose]() {}
}

export const monitorOf = (
  checks: Record<string, { check: FakeCheck; policy?: Partial<CheckPolicy> }>,
  options: Partial<Omit<MonitorOptions, 'checks'>> & {
    rounds?: number
    holdMs?: number
    latched?: boolean
  } = {},
) => {
  const clock = new ManualClock()
  const { rounds = 1, holdMs = 900_000, latched = false, ...rest } = options
  const policies = Object.entries(checks).map(([name, { policy }]) => checkPolicy(name, policy))
  const monitor = new Monitor({
    policy: { checks: policies, holdMs: holdFor(holdMs), startupHealthyThreshold: rounds },
    checks: new Map(Object.entries(checks).map(([name, { check }]) => [name, check])),
    deadlineMs: 4000,
    clock,
    random: () => 0,
    ...(latched && { host: proven(clock.now()) }),
    ...rest,
  })
  return { monitor, clock }
}

/** Settles a promise by letting time pass. */
export const within = async <T>(clock: ManualClock, promise: T | Promise<T>, ms: number): Promise<T> => {
  const [value] = await Promise.all([promise, clock.advance(ms)])
  return value
}
