import { styleText } from 'node:util'
import type { CheckDocument, StatusDocument } from './status-document.ts'

export const colours = { pass: 'green', warn: 'yellow', fail: 'red', unknown: 'magenta' } as const

const WIDEST_STATUS = 'unknown'.length

/**
 * The status document as a table for people; its texts must be printable. Colours follow the terminal and NO_COLOR.
 */
export const textReport = (document: StatusDocument): string => {
  const rows = Object.entries(document.checks)
  const nameWidth = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, [check]]) => row(name.padEnd(nameWidth), check))
  const release = document.releaseId === undefined ? '' : ` (release ${document.releaseId})`
  const verdict = styleText(['bold', colours[document.status]], document.status)
  const notes = (document.notes ?? []).map(note => `note:    ${note}\n`)
  return `${lines.join('\n')}\n\nverdict: ${verdict}${release}${document.status === 'pass' ? '' : summary(document)}\n${notes.join('')}`
}

/** The checks that keep the verdict from a pass; if none does, what else keeps it. */
const summary = ({ checks, phase, output = '' }: StatusDocument): string => {
  const failing = Object.entries(checks).filter(([, [check]]) => (check.effect ?? check.status) !== 'pass')
  return `: ${failing.length > 0 && phase !== 'draining' ? failing.map(([name]) => name).join(', ') : output}`
}

const row = (name: string, check: CheckDocument): string => {
  const status = styleText(colours[check.status], check.status.padEnd(WIDEST_STATUS))
  const took = check.observedValue === undefined ? '' : `${check.observedValue} ms`
  const because = check.because === undefined ? '' : `, ${check.because}`
  const counts = check.effect === undefined ? '' : ` (counts as ${check.effect}${because})`
  const detail = check.reason === undefined ? '' : `  ${check.reason}: ${check.output}${counts}`
  return `${name}  ${status}  ${took.padStart(9)}${detail}`
}
