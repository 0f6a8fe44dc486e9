import { codeOrUnknown } from '../../../lib/describe-error.ts'
import { readTextFile } from '../../../files/files.ts'
import type { MigrationsProblem } from '../reasons.ts'
import { parseManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import { unreadable } from '../unreadable.ts'

export type ManifestAnswer =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly problem: MigrationsProblem }

/** Reads the manifest at `path`. */
export const readManifest = async (path: string): Promise<ManifestAnswer> => {
  const text = await readTextFile(path).catch((error: Error) => error)
  if (text instanceof Error) return unreadable(path, { code: codeOrUnknown(text), missing: missing(path) })
  const manifest = parseManifest(text, path)
  return manifest ? { ok: true, manifest } : { ok: false, problem: invalid(path) }
}

const missing = (path: string): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_MANIFEST_MISSING',
  message: `there is no manifest at ${path}: the release was built without one; write it with health_manifest.py in the release's image`,
  evidence: { path },
})

const invalid = (path: string): MigrationsProblem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_MANIFEST_INVALID',
  message: `${path} is not a manifest that this version understands; write it again with health_manifest.py`,
  evidence: { path },
})
