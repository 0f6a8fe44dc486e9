import type { StatusDocument } from '../status/status-document.ts'
import type { Summary } from '../status/summary.ts'
import type { Tone } from './icons.ts'

/** The verdict in a sentence: is the host in service, and whose trouble is it? */
export interface Headline {
  readonly tone: Tone
  readonly text: string
}

/** Whether the host goes out of service if nobody does anything. */
const isHoldEnding = ({ checks }: StatusDocument): boolean =>
  Object.values(checks).some(([{ heldUntil }]) => heldUntil !== undefined)

const serving = (kind: Summary['kind'], document: StatusDocument): Headline => {
  switch (kind) {
    case 'shared':
      return { tone: 'unknown', text: 'In service. All hosts share the trouble.' }
    case 'busy':
      return { tone: 'unknown', text: 'In service. The app is busy, but it makes progress.' }
    case 'local':
      return {
        tone: 'unknown',
        text: isHoldEnding(document)
          ? 'In service, for now. The sidecar cannot look.'
          : 'In service. The sidecar cannot look.',
      }
    case 'warning':
      return { tone: 'warn', text: 'In service, with a warning.' }
    case 'own':
    case 'unproved':
    case 'purpose':
    case undefined:
  }
  if (Object.values(document.checks).some(([{ status }]) => status !== 'pass'))
    return { tone: 'warn', text: 'In service. Not every check passes.' }
  const hasNotes = (document.notes ?? document.probes?.lint ?? []).length > 0
  return {
    tone: 'pass',
    text: hasNotes ? 'In service. Every check passes; there are notes.' : 'In service. All is well.',
  }
}

const failing = (kind: Summary['kind']): Headline =>
  kind === 'own'
    ? { tone: 'fail', text: 'Out of service. The trouble is this host’s own.' }
    : { tone: 'fail', text: 'Out of service. Not enough is known to put it back.' }

const starting = (kind: Summary['kind']): Headline => {
  if (kind === 'own') return { tone: 'fail', text: 'Not in service yet. The trouble is this host’s own.' }
  if (kind === 'unproved') return { tone: 'wait', text: 'Not in service yet. It cannot prove itself.' }
  return { tone: 'wait', text: 'Not in service yet. The host proves itself first.' }
}

const draining = ({ drain }: StatusDocument): Headline => ({
  tone: 'purpose',
  text: drain ? 'Out of service, on purpose.' : 'Out of service. The daemon is stopping.',
})

/** What the page says first. */
export const headlineOf = ({ state, kind }: Summary, document: StatusDocument): Headline => {
  switch (state) {
    case 'SERVING':
      return serving(kind, document)
    case 'FAILING':
      return failing(kind)
    case 'STARTING':
      return starting(kind)
    case 'DRAINING':
      return draining(document)
  }
}
