import { dirname, normalize } from 'node:path'
import { isMapping } from '../lib/json.ts'
import type { Mistake } from './config-error.ts'
import type { Source } from './source.ts'

/** An app with a name, on a host with several: `--app NAME`. */
export interface NamedApp {
  readonly app: string
  /** The path of its configuration. */
  readonly file: string
}

/** Which configuration: the path of a file, that of an app with a name, or the built-in one. */
export type ConfigRef = string | NamedApp | undefined

/** The directory of all configurations. */
const CONFIGS = '/etc/health-sidecar'
/** The name is a part of paths, of a socket's path with its limit of 107 bytes, and of the units' names. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/
/** The configuration of this name is that of the service without a name. */
const WITHOUT_NAME = 'health-sidecar'

export const APP_NAME_RULE =
  'letters, digits, ".", "_" and "-", the first a letter or a digit, at most 64, and not health-sidecar'

/** The app of this name. Undefined if no app can have it. */
export const namedApp = (app: string): NamedApp | undefined =>
  NAME.test(app) && app !== WITHOUT_NAME ? { app, file: `${CONFIGS}/${app}.yaml` } : undefined

export const appOf = (ref: ConfigRef): string | undefined => (typeof ref === 'object' ? ref.app : undefined)

/** The name of the units, without `.service` or `.socket`. */
export const unitOf = (app: string | undefined): string =>
  app === undefined ? WITHOUT_NAME : `${WITHOUT_NAME}@${app}`

/** The directory of what outlives the daemon, as the unit makes it. */
export const runDirectoryOf = (app: string | undefined): string => `/run/${unitOf(app)}`

/** The admin socket, unless a configuration names another. */
export const adminSocketIn = (runDirectory: string): string => `${runDirectory}/admin.sock`

/** Adds the app's own places, in place, where a configuration names none. */
export const addOwnPlaces = (value: Record<string, unknown>, app: string): void => {
  const own = runDirectoryOf(app)
  value['state_dir'] ??= own
  value['admin'] ??= {}
  if (isMapping(value['admin'])) value['admin']['socket'] ??= adminSocketIn(own)
}

/** The directory of the service, or of an app, that a path is in. */
const RUN_DIRECTORY = /^(?:\/var)?(\/run\/health-sidecar(?:@[^/]*)?)(?:\/|$)/

/** The name of the units whose directory a path is in. Undefined if it is in none. */
export const unitOfPath = (path: string): string | undefined =>
  RUN_DIRECTORY.exec(normalize(path))?.[1]?.slice('/run/'.length)

/**
 * Two daemons must not share what one of them remembers: a latch of another app would be a false pass, and its drain would
 * drain both.
 */
export const findForeignPlaces = (value: unknown, source: Source, app: string | undefined): Mistake[] => {
  if (!isMapping(value)) return []
  const own = runDirectoryOf(app)
  const socket = isMapping(value['admin']) ? value['admin']['socket'] : undefined
  const places = [
    { path: ['state_dir'], directory: value['state_dir'] },
    { path: ['admin', 'socket'], directory: typeof socket === 'string' ? dirname(socket) : undefined },
  ]
  return places.flatMap(({ path, directory }) => {
    if (typeof directory !== 'string') return []
    const owner = RUN_DIRECTORY.exec(normalize(directory))?.[1]
    if (owner === undefined || owner === own) return []
    return [source.mistake(path, `${owner} belongs to another app; leave the key out, and it is in ${own}`)]
  })
}
