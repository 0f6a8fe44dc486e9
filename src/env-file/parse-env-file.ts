import type { Dialect } from './dialect.ts'
import { parseCompose } from './compose.ts'
import { parseDocker } from './docker.ts'
import { parseDotenv } from './dotenv.ts'
import type { EnvFile } from './env-file.ts'
import { parseShell } from './shell.ts'
import { parseSystemd } from './systemd.ts'

const parsers: Readonly<Record<Dialect, (text: string) => EnvFile>> = {
  systemd: parseSystemd,
  shell: parseShell,
  dotenv: parseDotenv,
  docker: parseDocker,
  compose: parseCompose,
}

/** Parses a file's text as the reader of a dialect does. Pure: nothing in the file is ever executed. */
export const parseEnvFile = (text: string, dialect: Dialect): EnvFile => parsers[dialect](text)
