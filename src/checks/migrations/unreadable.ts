import { adviseForbidden } from '../../files/advise-access.ts'
import { whyUnreadable } from '../../files/file-error.ts'
import type { MigrationsProblem } from './reasons.ts'

/**
 * Why a path of the release could not be read. A path that does not exist is proof against the release, as `missing`
 * says. Any other error proves nothing.
 */
export const unreadable = (
  path: string,
  error: { readonly code: string; readonly missing?: MigrationsProblem },
): { readonly ok: false; readonly problem: MigrationsProblem } => {
  if (error.missing && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return { ok: false, problem: error.missing }
  const hint = error.code === 'EACCES' || error.code === 'EPERM' ? `; ${adviseForbidden(path)}` : ''
  return {
    ok: false,
    problem: {
      status: 'unknown',
      reason: 'MIGRATIONS_UNREADABLE',
      message: whyUnreadable(error.code, path) ?? `${path} cannot be read (${error.code})${hint}`,
      evidence: { path, code: error.code },
    },
  }
}
