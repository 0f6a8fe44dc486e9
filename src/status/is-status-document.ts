import { statuses } from '../core/status.ts'
import { isMapping } from '../lib/json.ts'
import type { StatusDocument } from './status-document.ts'

const isAbsentOr = (type: 'string' | 'number', value: unknown): boolean =>
  value === undefined || typeof value === type

const areAll = (type: 'string' | 'number', value: unknown): boolean =>
  value === undefined || (isMapping(value) && Object.values(value).every(part => typeof part === type))

const verdicts = new Set<unknown>(['pass', 'warn', 'fail'])
const phases = new Set<unknown>(['starting', 'serving', 'draining'])

const checkTexts = ['output', 'reason', 'cause', 'because', 'time', 'heldSince', 'heldUntil']

const isCheck = (value: unknown): boolean => {
  if (!Array.isArray(value) || !isMapping(value[0])) return false
  const { status, effect, observedValue, ...more } = value[0]
  return (
    statuses.some(known => known === status) &&
    (effect === undefined || verdicts.has(effect)) &&
    isAbsentOr('number', observedValue) &&
    checkTexts.every(name => isAbsentOr('string', more[name]))
  )
}

const isLifecycle = (value: unknown): boolean => {
  if (value === undefined) return true
  if (!isMapping(value)) return false
  const { spot, ...texts } = value
  return areAll('string', spot) && areAll('string', texts)
}

const isSource = (value: unknown): boolean => {
  if (!isMapping(value)) return false
  const { address, checker, time, ...numbers } = value
  return (
    isAbsentOr('string', address) &&
    isAbsentOr('string', checker) &&
    typeof time === 'string' &&
    typeof numbers['probes'] === 'number' &&
    areAll('number', numbers)
  )
}

const isProbes = (value: unknown): boolean => {
  if (value === undefined) return true
  if (!isMapping(value)) return false
  const { sources, lint = [] } = value
  return (
    Array.isArray(sources) &&
    sources.every(isSource) &&
    Array.isArray(lint) &&
    lint.every(one => isMapping(one) && typeof one['message'] === 'string' && areAll('string', one))
  )
}

/**
 * Whether a JSON value is a status document. One without any check is none: no daemon answers so, and an answer
 * that nothing was checked for must not read as a pass.
 */
export const isStatusDocument = (value: unknown): value is StatusDocument => {
  if (!isMapping(value)) return false
  const {
    status,
    phase,
    version,
    checks,
    notes,
    output,
    releaseId,
    since,
    startup,
    drain,
    lifecycle,
    probes,
  } = value
  return (
    verdicts.has(status) &&
    phases.has(phase) &&
    version === '1' &&
    isMapping(checks) &&
    Object.keys(checks).length > 0 &&
    Object.values(checks).every(isCheck) &&
    (notes === undefined || (Array.isArray(notes) && notes.every(note => typeof note === 'string'))) &&
    [output, releaseId, since].every(text => isAbsentOr('string', text)) &&
    areAll('number', startup) &&
    areAll('string', drain) &&
    isLifecycle(lifecycle) &&
    isProbes(probes)
  )
}
