import { verifyManifest } from '../checks/migrations/django/verify-manifest.ts'
import { exitCode } from './exit-code.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/**
 * `health-sidecar manifest --verify FILE`: whether the manifest of a release's migrations and its directories agree, to
 * be asked when the release is built. Throws a UsageError.
 */
export const manifestCommand = async (
  options: { readonly verify?: string },
  { out, err }: Pick<Terminal, 'out' | 'err'>,
): Promise<number> => {
  if (options.verify === undefined)
    throw new UsageError(
      'manifest needs --verify FILE; health_manifest.py writes it, in the image of the release',
    )
  const verification = await verifyManifest(options.verify)
  if (!verification.ok) {
    const { status, reason, message } = verification.problem
    err(`${reason}: ${message}\n`)
    return status === 'fail' ? exitCode.fail : exitCode.unknown
  }
  const { apps, migrations, djangoVersion } = verification
  out(`${options.verify}: ${migrations} migrations of ${apps} apps, as Django ${djangoVersion} found them\n`)
  return exitCode.ok
}
