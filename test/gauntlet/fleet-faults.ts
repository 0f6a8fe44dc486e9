import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { real, sleep } from './nominal-time.ts'
import type { BenignFault } from './scenario.ts'
import type { Stage } from './stage.ts'
import { withPeers, writePeers } from './with-peers.ts'

/** The page of the real app that needs the database. */
const productsPage = (text: string): string =>
  text.replace('    expect: { body: Welcome }\n', '    path: /products/\n    expect: { body: products }\n')

const createProducts = async ({ database }: Stage): Promise<void> => {
  await database.sql(
    'create table catalog_product (id bigserial primary key, name varchar(100), price numeric(10, 2))',
  )
  await database.sql(`grant all on catalog_product to ${database.name}`)
}

/** Takes every connection that the server gives, for so many seconds. */
const takeAllConnections = async ({ database }: Stage, seconds: number): Promise<void> => {
  const taken: Client[] = []
  const until = performance.now() + real(seconds)
  while (performance.now() < until) {
    const client = new Client({ connectionString: database.url() })
    client.on('error', () => {})
    try {
      await client.connect()
      taken.push(client)
    } catch {
      await delay(20)
    }
  }
  await Promise.all(taken.map(async client => await client.end()))
}

/** The second address of the database is that of the first host: it can be cut off alone. */
export const giveFirstHostItsOwnWay = async ({ hosts, database }: Stage): Promise<void> => {
  const [, second] = database.addresses
  if (second === undefined) throw new TypeError('the database has one address')
  await hosts[0]?.writeEnv({ DATABASE_URL: database.url({ host: second }) })
}

export const cutOffFirstHost = ({ database }: Stage): void => database.proxy.swallow(database.addresses[1])

/** On the real app, or on fleets that know of each other. */
export const fleetFaults: readonly BenignFault[] = [
  {
    name: 'gunicorn and Django: the connections of Postgres are used up for 2 min (max_connections)',
    ownPostgres: { max_connections: '20' },
    host: { django: {}, config: productsPage },
    prepares: createProducts,
    happens: stage => takeAllConnections(stage, 120),
  },
  {
    name: 'gunicorn and Django: a quick restart of Postgres, with workers that keep their connections',
    ownPostgres: {},
    host: { django: { SMOKE_KEEP_CONNECTIONS: '1' }, config: productsPage },
    prepares: createProducts,
    happens: async ({ postgres }) => {
      await postgres.stop()
      await postgres.start()
      await sleep(60)
    },
  },
  {
    name: 'gunicorn and Django: the database sends what makes its driver throw, for 1 min',
    host: { django: {}, config: productsPage },
    prepares: createProducts,
    happens: async ({ database: { proxy } }) => {
      proxy.garble()
      await sleep(60)
      proxy.ungarble()
    },
  },
  {
    name: 'all hosts are cut off from the database for 90 s; peers are configured',
    pace: 'real',
    hosts: 3,
    host: { config: withPeers },
    prepares: writePeers,
    happens: async ({ database: { proxy } }) => {
      proxy.swallow()
      await sleep(90)
      proxy.restore()
    },
  },
  {
    name: 'one host of three is cut off from the database for 90 s; no peers are configured, so nobody can tell',
    pace: 'real',
    hosts: 3,
    prepares: giveFirstHostItsOwnWay,
    happens: async stage => {
      cutOffFirstHost(stage)
      await sleep(90)
      stage.database.proxy.restore()
    },
  },
]
