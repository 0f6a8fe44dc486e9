import type { CheckDocument, StatusDocument } from './status-document.ts'

/** Ordinary ones have some 10 KiB. */
const MAX_BYTES = 1024 * 1024
const MAX_OUTPUT_LENGTH = 200

const gist = (check: CheckDocument): CheckDocument => {
  const { evidence: _evidence, output, ...rest } = check
  return { ...rest, ...(output !== undefined && { output: output.slice(0, MAX_OUTPUT_LENGTH) }) }
}

/** A document that fits into one answer. One that is too large tells of each check without its evidence, and says so. */
export const boundedDocument = (document: StatusDocument): StatusDocument => {
  if (Buffer.byteLength(JSON.stringify(document)) <= MAX_BYTES) return document
  const notes = [
    ...(document.notes ?? []),
    'the evidence of all checks is left out, as this answer would be larger than 1 MiB; see the log for it',
  ]
  const checks = Object.entries(document.checks).map(
    ([name, [check]]) => [name, [gist(check)] as const] as const,
  )
  return { ...document, notes, checks: Object.fromEntries(checks) }
}
