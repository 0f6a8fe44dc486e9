import { join } from 'node:path'
import type { HealthCheck } from '../support/load-balancer-rules.ts'
import { startLoadBalancer } from '../support/load-balancer.ts'
import type { LoadBalancer, TargetRecord } from '../support/load-balancer.ts'
import type { TestPostgres } from '../support/postgres.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { DatabaseProxy } from './database-proxy.ts'
import { Host, systems } from './host.ts'
import type { HostOptions, System } from './host.ts'
import { real, sleep } from './nominal-time.ts'

const settings = (
  kind: HealthCheck['kind'],
  seconds: readonly [number, number],
  thresholds: readonly [number, number],
) => ({
  kind,
  path: '/health',
  intervalMs: real(seconds[0]),
  timeoutMs: real(seconds[1]),
  healthyThreshold: thresholds[0],
  unhealthyThreshold: thresholds[1],
})

/** How balancers are set; interval and time-out in seconds, healthy and unhealthy threshold. */
export const presets = {
  /** the least patience that AWS lets one configure with a time-out of 5 s: two failures, 6 s apart, are enough */
  harshest: [settings('application', [6, 5], [2, 2]), settings('classic', [6, 5], [2, 2])],
  /** an Application Load Balancer's defaults, and the Classic setting that the product is first built for */
  usual: [settings('application', [30, 5], [5, 2]), settings('classic', [15, 5], [2, 10])],
  /** the Classic setting alone, which has the patience for a restart that drains */
  first: [settings('classic', [15, 5], [2, 10])],
} as const satisfies Record<string, readonly HealthCheck[]>

export type Preset = keyof typeof presets

/** A database of the scenario's own, behind a proxy. */
export interface StageDatabase {
  readonly proxy: DatabaseProxy
  /** The role's name, which is also that of the database. */
  readonly name: string
  /** Where the proxy listens; the first one is that of the URL. */
  readonly addresses: readonly string[]
  url(options?: { readonly password?: string; readonly host?: string }): string
  /** SQL as the superuser, past the proxy. */
  sql(text: string): Promise<void>
  /** Ends the sessions of the app and of all that look at its database. */
  endSessions(): Promise<void>
}

/** A fleet with its database. */
export interface Stage extends AsyncDisposable {
  readonly hosts: readonly Host[]
  readonly database: StageDatabase
  readonly postgres: TestPostgres
}

export interface StageOptions {
  /** Counts from 1; no two stages have the same at the same time. */
  readonly number: number
  readonly hosts: number
  readonly postgres: TestPostgres
  readonly host?: HostOptions
}

const PASSWORD = 'first-password'

/** Another run of the gauntlet on the same machine has other addresses. */
const network = 64 + (process.pid % 128)

const createDatabase = async (
  postgres: TestPostgres,
  number: number,
): Promise<StageDatabase & AsyncDisposable> => {
  const name = `stage_${number}`
  await postgres.query(`create role ${name} login password '${PASSWORD}'`)
  await postgres.query(`create database ${name} owner ${name} template template0`)
  const sql = async (text: string) => void (await postgres.query(text, { database: name }))
  await sql(
    `create table django_migrations (id serial, app text, name text, applied timestamptz default now())`,
  )
  await sql(`grant all on django_migrations to ${name}`)
  await sql(
    `insert into django_migrations (app, name) values ('catalog', '0001_initial'), ('catalog', '0002_price')`,
  )
  const addresses = [250, 251].map(last => ({ host: `127.${network}.${number}.${last}`, port: 5432 }))
  const proxy = new DatabaseProxy(addresses, { host: postgres.host, port: postgres.port })
  await proxy.accept()
  return {
    proxy,
    name,
    addresses: addresses.map(({ host }) => host),
    url: ({ password = PASSWORD, host = addresses[0]!.host } = {}) =>
      `postgres://${name}:${password}@${host}:5432/${name}`,
    sql,
    endSessions: () =>
      sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${name}'`),
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  }
}

/** Installs a good release on every host; starts nothing yet. */
export const createStage = async (options: StageOptions): Promise<Stage> => {
  const { number, postgres } = options
  const scratch = await createScratchDirectory('gauntlet-')
  const database = await createDatabase(postgres, number)
  const hosts: Host[] = []
  for (let i = 1; i <= options.hosts; i += 1) {
    const host = new Host(join(scratch.path, `${i}`), `127.${network}.${number}.${i}`, {
      scratch,
      databaseUrl: database.url(),
      ...options.host,
    })
    await host.install()
    hosts.push(host)
  }
  return {
    hosts,
    database,
    postgres,
    async [Symbol.asyncDispose]() {
      await Promise.all(hosts.map(host => host[Symbol.asyncDispose]()))
      await database[Symbol.asyncDispose]()
      await scratch[Symbol.asyncDispose]()
    },
  }
}

/** The balancers that one system's hosts are behind. */
export interface Front extends AsyncDisposable {
  readonly system: System
  readonly balancers: readonly LoadBalancer[]
  /** What the balancers have seen of a host. */
  records(host: Host): readonly TargetRecord[]
  /** Whether every balancer sends traffic to the host. */
  isInService(host: Host): boolean
}

/** Puts each system's hosts behind balancers of its own. */
export const createFronts = (
  preset: Preset,
  options: { readonly alwaysNew?: boolean } = {},
): readonly Front[] =>
  systems.map(system => {
    const balancers = presets[preset].map(check => startLoadBalancer(check, options))
    const records = (host: Host) => balancers.map(balancer => balancer.record(host.target(system)))
    return {
      system,
      balancers,
      records,
      isInService: host => records(host).every(({ health }) => health === 'healthy'),
      async [Symbol.asyncDispose]() {
        await Promise.all(balancers.map(balancer => balancer[Symbol.asyncDispose]()))
      },
    }
  })

/** Waits until it holds, for at most so many seconds of a real fleet; answers whether it does. */
export const eventually = async (seconds: number, holds: () => boolean): Promise<boolean> => {
  const until = performance.now() + real(seconds)
  while (!holds() && performance.now() < until) await sleep(0.2)
  return holds()
}
