import { APP_NAME_RULE, namedApp } from '../config/named-app.ts'
import type { ConfigRef } from '../config/named-app.ts'
import { UsageError } from './usage-error.ts'

/** Which configuration `--app NAME` or `--config FILE` means. Throws a UsageError. */
export const whichConfig = ({
  app,
  config,
}: {
  readonly app?: string | undefined
  readonly config?: string | undefined
}): ConfigRef => {
  if (app === undefined) return config
  const named = namedApp(app)
  if (!named) throw new UsageError(`--app: found ${JSON.stringify(app)}; expected a name of ${APP_NAME_RULE}`)
  if (config !== undefined)
    throw new UsageError(`--app ${app} reads ${named.file}; give --app or --config, not both`)
  return named
}
