import { whyUnreadable } from '../../../files/file-error.ts'
import type { MigrationsProblem } from '../reasons.ts'
import type { ShippedMigrations } from './migration-key.ts'

/** What the release on this host ships, or why that cannot be told. */
export type ReleaseAnswer =
  | {
      readonly ok: true
      readonly shipped: ShippedMigrations
      /** Of the Django that wrote the manifest. */
      readonly djangoVersion?: string
    }
  | { readonly ok: false; readonly problem: MigrationsProblem }

/** Looks at the release: at what has changed since it last did. */
export interface ReleaseReader {
  read(): Promise<ReleaseAnswer>
}

/** Why a path of the release could not be read: nothing there is proof against the release, as `missing` says; the rest is not. */
export const unreadable = (
  path: string,
  error: { readonly code: string; readonly missing?: MigrationsProblem },
): ReleaseAnswer & { ok: false } => {
  if (error.missing && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return { ok: false, problem: error.missing }
  const own = whyUnreadable(error.code, path)
  const hint =
    error.code === 'EACCES' || error.code === 'EPERM' ? '; let the user of health-sidecar read it' : ''
  return {
    ok: false,
    problem: {
      status: 'unknown',
      reason: 'MIGRATIONS_UNREADABLE',
      message: own ?? `${path} cannot be read (${error.code})${hint}`,
      evidence: { path, code: error.code },
    },
  }
}

/** A reader that is not asked again while it has not answered: a file system that hangs holds up one question. */
export const oneAtATime = (reader: ReleaseReader): ReleaseReader => {
  let underWay: Promise<ReleaseAnswer> | undefined
  return {
    read: () => {
      underWay ??= reader.read().finally(() => {
        underWay = undefined
      })
      return underWay
    },
  }
}
