import { readFileSync } from 'node:fs'

/** The configuration that serves where none is given. The build puts the text in place of this reading. */
export const defaultConfigText = (): string =>
  readFileSync(new URL('../../config/health-sidecar.yaml', import.meta.url), 'utf8')
