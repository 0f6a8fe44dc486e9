import { styleText } from 'node:util'
import { isHeld } from '../core/holds.ts'
import { durationText } from '../lib/duration-text.ts'
import type { CheckDocument, ProbesDocument, StatusDocument } from './status-document.ts'
import { colours } from './text-report.ts'
import { summaryOf } from './summary.ts'

const stateColours = { SERVING: 'green', FAILING: 'red', STARTING: 'yellow', DRAINING: 'yellow' } as const

const agoOf = (iso: string, now: Date): string => durationText(now.getTime() - new Date(iso).getTime())

const whenOf = ({ heldSince, because, time }: CheckDocument, now: Date): string => {
  if (heldSince !== undefined && isHeld(because)) return `held ${agoOf(heldSince, now)}`
  return time === undefined ? 'never ran' : `${agoOf(time, now)} ago`
}

const detailOf = ({ status, reason, output = '', effect, because, observedValue }: CheckDocument): string => {
  const counts =
    effect === undefined ? '' : ` (counts as ${effect}${because === undefined ? '' : `, ${because}`})`
  const took = observedValue === undefined ? '' : `${observedValue} ms`
  return status === 'pass' ? took + counts : `${reason ?? ''}: ${output}${counts}`
}

/** One line for each check: its name, its status, when, and why. */
const rowsOf = (checks: StatusDocument['checks'], now: Date): string[] => {
  const rows = Object.entries(checks).map(
    ([name, [check]]) => [name, check, whenOf(check, now), detailOf(check)] as const,
  )
  const nameWidth = Math.max(...rows.map(([name]) => name.length))
  const whenWidth = Math.max(...rows.map(([, , when]) => when.length))
  return rows.map(([name, { status }, when, detail]) => {
    const shown = styleText(colours[status], status.padEnd('unknown'.length))
    return `${name.padEnd(nameWidth)}  ${shown}  ${when.padEnd(whenWidth)}  ${detail}`.trimEnd()
  })
}

/** Who probed last, what they got, and how often they come. */
const probesLine = ({ sources }: ProbesDocument, now: Date): string => {
  const [latest, ...others] = sources
  if (!latest) return 'none so far'
  const { address = 'a Unix socket', checker, answer, answersInARow = 0, intervalSeconds } = latest
  const who = checker === undefined ? address : `${address}, ${checker}`
  const every =
    intervalSeconds === undefined ? '' : `, every ${durationText(Math.round(intervalSeconds) * 1000)}`
  const got = answer === undefined ? 'no answer' : `${answer}${answersInARow > 1 ? ` ×${answersInARow}` : ''}`
  const more = others.length === 0 ? '' : `; ${others.length} more in --json`
  return `last ${agoOf(latest.time, now)} ago: ${got} (${who}${every})${more}`
}

/**
 * What a person asks of a running daemon, in the order in which they ask it: whether the host is in service, since
 * when, whose trouble it is, what happens next, what to do; then the checks. Its texts must be printable.
 */
export const statusReport = (document: StatusDocument, now: Date): readonly string[] => {
  const { state, answer, whose, next, toDo } = summaryOf(document, now)
  const release = document.releaseId === undefined ? '' : `   release ${document.releaseId}`
  const app = document.serviceId === undefined ? '' : `   app ${document.serviceId}`
  return [
    `${styleText(['bold', stateColours[state]], state)}  ${answer}${app}${release}`,
    ...(whose === undefined ? [] : [`trouble: ${whose}`]),
    ...(next === undefined ? [] : [`next:    ${next}`]),
    ...(toDo === undefined ? [] : [`to do:   ${toDo}`]),
    ...(document.probes ? [`probes:  ${probesLine(document.probes, now)}`] : []),
    ...(document.probes?.lint ?? []).map(({ message }) => `warn:    ${message}`),
    ...(document.notes ?? []).map(note => `note:    ${note}`),
    '',
    ...rowsOf(document.checks, now),
  ]
}
