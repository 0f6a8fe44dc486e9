import { verifyManifest } from '../checks/migrations/django/verify-manifest.ts'
import { exitCode } from './exit-code.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { UsageError } from './usage-error.ts'

/**
 * `health-sidecar manifest --verify FILE`: whether the manifest of a release's migrations agrees with its directories.
 * It is for the build of a release. Throws a UsageError.
 */
export const manifestCommand = async ({ verify: file }: { readonly verify?: string }): Promise<Outcome> => {
  if (file === undefined)
    throw new UsageError(
      'manifest needs --verify FILE; health_manifest.py writes that file, in the image of the release',
    )
  const verification = await verifyManifest(file)
  if (verification.ok) {
    const { apps, migrations, djangoVersion } = verification
    return outcomeOf({
      code: exitCode.ok,
      document: { file, apps, migrations, djangoVersion },
      text: document =>
        `${document.file}: ${migrations} migrations of ${apps} apps, as Django ${document.djangoVersion} found them\n`,
    })
  }
  const { problem } = verification
  return outcomeOf({
    code: problem.status === 'fail' ? exitCode.fail : exitCode.unknown,
    document: problem,
    text: ({ reason, message }) => `${reason}: ${message}\n`,
    isProblem: true,
  })
}
