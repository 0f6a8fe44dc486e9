/**
 * The program that reads an environment file. The same line means different things to each: `systemd` is a unit's
 * `EnvironmentFile=`, `shell` is sh or bash sourcing the file, `dotenv` is the npm package of that name, `docker` is
 * `docker run --env-file`, `compose` is docker compose's `env_file` and python-dotenv, which expand `${NAME}`.
 */
export const dialects = ['systemd', 'shell', 'dotenv', 'docker', 'compose'] as const

export type Dialect = (typeof dialects)[number]

/**
 * The dialect of a file whose reader is not configured. On most hosts a systemd unit reads the file. systemd is also the
 * strictest reader: every `NAME=value` that it accepts, the others accept too. A line that only a shell understands
 * (`export NAME=value`) is reported as missing, with the cause, and never passes by mistake.
 */
export const defaultDialect: Dialect = 'systemd'
