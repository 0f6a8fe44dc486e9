/**
 * Who reads an environment file. The same line means different things to them:
 * `systemd` is a unit's `EnvironmentFile=`, `shell` a file that sh or bash sources, `dotenv` the npm package of that
 * name, `docker` is `docker run --env-file`.
 */
export const dialects = ['systemd', 'shell', 'dotenv', 'docker'] as const

export type Dialect = (typeof dialects)[number]

/**
 * For a file whose reader is not said. On the hosts that this program is for, a unit reads the file, and it is the
 * strictest of the readers: what it takes for a variable (`NAME=value`), the others take as well, while a line that only
 * a shell would understand (`export NAME=value`) is found missing and said so, and never passes by mistake.
 */
export const defaultDialect: Dialect = 'systemd'
