import { isMapping } from '../lib/json.ts'
import { has, isListOf, isMappingOf, isNumber, isOneOf, isText, optional } from '../lib/shape.ts'
import type { Shape } from '../lib/shape.ts'
import type { StatusDocument } from './status-document.ts'
import { isPhase, isStatus, isVerdict } from './words.ts'

const isCheck = has({
  status: isStatus,
  effect: optional(isVerdict),
  observedValue: optional(isNumber),
  output: optional(isText),
  reason: optional(isText),
  cause: optional(isText),
  because: optional(isText),
  time: optional(isText),
  heldSince: optional(isText),
  heldUntil: optional(isText),
})

/** The draft has a list for each check. Ours has one member. */
const isChecks: Shape = value =>
  isMapping(value) &&
  Object.keys(value).length > 0 &&
  Object.values(value).every(list => Array.isArray(list) && isCheck(list[0]))

const isSource = isMappingOf(isNumber, {
  address: optional(isText),
  checker: optional(isText),
  time: isText,
  probes: isNumber,
})

const isDocument = has({
  status: isVerdict,
  phase: isPhase,
  version: isOneOf('1'),
  checks: isChecks,
  notes: optional(isListOf(isText)),
  output: optional(isText),
  serviceId: optional(isText),
  releaseId: optional(isText),
  since: optional(isText),
  startup: optional(isMappingOf(isNumber)),
  drain: optional(isMappingOf(isText)),
  lifecycle: optional(isMappingOf(isText, { spot: optional(isMappingOf(isText)) })),
  probes: optional(
    has({
      sources: isListOf(isSource),
      lint: optional(isListOf(isMappingOf(isText, { message: isText }))),
    }),
  ),
})

/**
 * Whether a JSON value is a status document. One without any check is none: no daemon answers so, and an answer
 * that nothing was checked for must not read as a pass.
 */
export const isStatusDocument = (value: unknown): value is StatusDocument => isDocument(value)
