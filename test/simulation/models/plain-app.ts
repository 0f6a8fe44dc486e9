import type { AppSpec } from './app-spec.ts'

/** What apps have in common that use no database, end no worker, and whose users do not retry. */
export const plainApp: Omit<AppSpec, 'workers' | 'serviceMs' | 'warmUp'> = {
  backlog: 10,
  usesDatabase: false,
  keepsConnections: false,
  databaseTimeoutMs: 1000,
  workerTimeoutMs: Infinity,
  clientTimeoutMs: 5000,
  retries: 0,
}
