import type { TraceResult } from './run-trace.ts'
import { START_MS } from './simulation.ts'

/** What happened in one trace, a line each, with the seconds since its begin. */
export const storyText = (result: TraceResult, policy: string): string => {
  const { trace, events, fleet, story, badAdmits, goodKills, isFleetLost, users, admitMs } = result
  const lines = story.map(({ at, text }) => `${((at - START_MS) / 1000).toFixed(1).padStart(9)}  ${text}`)
  const outcome = `${badAdmits} bad admits, ${goodKills} good kills${isFleetLost ? ', the fleet was lost' : ''}; ${users.served} requests served, ${users.failed} failed; ${admitMs.length} good hosts admitted`
  return [`trace ${trace} under ${policy}: ${events.join(' + ')}`, fleet, ...lines, outcome].join('\n')
}
