import type { MigrationsProblem } from '../reasons.ts'

/** The label of the app at `path` is not certain; `todo` ends the message. */
export const unknownLabel = (
  path: string,
  why: string,
  { todo = 'use a manifest or apps' }: { readonly todo?: string } = {},
): MigrationsProblem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_LABEL_UNKNOWN',
  message: `cannot tell the label of the app with the migrations ${path}: ${why}; ${todo}`,
  evidence: { path },
})
