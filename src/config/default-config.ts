import { readFileSync } from 'node:fs'

/** The configuration that is used if no file is given. The build replaces this module by its text. */
export const defaultConfigText = (): string =>
  readFileSync(new URL('../../config/health-sidecar.yaml', import.meta.url), 'utf8')
