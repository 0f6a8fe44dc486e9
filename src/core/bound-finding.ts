import type { Evidence, Finding, Json } from './finding.ts'

// A finding is kept, logged and shown many times. What it may say is bounded, whatever the subject of its check has said.

const MAX_MESSAGE_LENGTH = 2000
/** characters of the evidence as JSON */
const MAX_EVIDENCE_LENGTH = 16 * 1024

interface Limits {
  readonly items: number
  readonly textLength: number
  readonly depth: number
}

/** The first that is enough is taken. */
const LIMITS: readonly Limits[] = [
  { items: 100, textLength: 100, depth: 4 },
  { items: 10, textLength: 100, depth: 3 },
]

const clip = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length)}…` : text

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

const shortened = (value: Json | undefined, { items, textLength, depth }: Limits): Json | undefined => {
  if (typeof value === 'string') return clip(value, textLength)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return '…'
  const inner = { items, textLength, depth: depth - 1 }
  if (!isList(value)) return shortenedMembers(value, inner)
  const first = value.slice(0, items).map(item => shortened(item, inner) ?? null)
  return value.length > items ? [...first, `… and ${value.length - items} more`] : first
}

/** The first members, and how many more there are. */
const shortenedMembers = (members: Evidence, limits: Limits): Evidence => {
  const entries = Object.entries(members)
  const first = entries
    .slice(0, limits.items)
    .map(([key, value]) => [clip(key, limits.textLength), shortened(value, limits)])
  const more = entries.length - first.length
  return Object.fromEntries([...first, ...(more > 0 ? [['…', `and ${more} more`]] : [])])
}

const isSmall = (evidence: Evidence): boolean => JSON.stringify(evidence).length <= MAX_EVIDENCE_LENGTH

const boundEvidence = (evidence: Evidence): Evidence =>
  isSmall(evidence)
    ? evidence
    : (LIMITS.map(limit => shortenedMembers(evidence, limit)).find(isSmall) ?? {
        omitted: `the evidence is longer than ${MAX_EVIDENCE_LENGTH} characters`,
      })

/** The same finding, with the start of what is long in it. Pure. */
export const boundFinding = (finding: Finding): Finding => ({
  ...finding,
  ...(finding.status !== 'pass' && { message: clip(finding.message, MAX_MESSAGE_LENGTH) }),
  ...(finding.evidence && { evidence: boundEvidence(finding.evidence) }),
})
