import { rm, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { DOMAIN } from './fakes.ts'
import { fakeClock, fakeHost, fakesFile, fakesModule } from './fakes-file.ts'
import type { FixtureApp } from './fixture-app.ts'
import type { Host } from './host.ts'
import { duration, real, sleep } from './nominal-time.ts'
import { runStorm } from './run-storm.ts'
import type { BenignFault } from './scenario.ts'
import type { Stage } from './stage.ts'

const each = async (stage: Stage, act: (host: Host) => Promise<void> | void): Promise<void> =>
  void (await Promise.all(stage.hosts.map(async host => act(host))))

const repeat = async (times: number, turn: (i: number) => Promise<void>): Promise<void> => {
  for (let i = 0; i < times; i += 1) await turn(i)
}

/** The next request finds a worker that is stuck for so many seconds; the others are well. */
const hangOnce = (app: FixtureApp, seconds: number): void => {
  let stuck = false
  app.behave(() => {
    if (stuck) return 'page'
    stuck = true
    return { afterMs: real(seconds) }
  })
}

const refusedFor =
  (seconds: number) =>
  async ({ database: { proxy } }: Stage): Promise<void> => {
    proxy.refuse()
    await sleep(seconds)
    await proxy.accept()
  }

const swallowedFor =
  (seconds: number) =>
  async ({ database: { proxy } }: Stage): Promise<void> => {
    proxy.swallow()
    await sleep(seconds)
    proxy.restore()
  }

/** The database goes away, what answers for the hosts is killed and started anew, the database comes back. */
const restartedWithin =
  (away: (stage: Stage) => void, back: (stage: Stage) => void | Promise<void>) =>
  async (stage: Stage): Promise<void> => {
    away(stage)
    await sleep(30)
    await each(stage, async host => {
      await host.stop('SIGKILL')
      await host.start({ now: true })
    })
    await sleep(60)
    await back(stage)
  }

const withFakes = { preload: fakesModule, env: { GAUNTLET_FAKES: fakesFile } }
const DAY_MS = 86_400_000

/** The name of a stage's database, in the fake resolver's domain. */
const nameOf = ({ database }: Stage): string => database.name.replace('_', '-') + DOMAIN

export const benignFaults: readonly BenignFault[] = [
  { name: 'nothing happens', happens: () => sleep(60) },
  // the database, which all hosts share; the longest first
  { name: 'the database refuses connections for 20 min', happens: refusedFor(1200) },
  { name: 'the database refuses connections for 10 s', happens: refusedFor(10) },
  { name: 'the database refuses connections for 2 min', happens: refusedFor(120) },
  { name: 'the database refuses connections for 10 min', happens: refusedFor(600) },
  { name: 'the database is a black hole for 10 s', happens: swallowedFor(10) },
  { name: 'the database is a black hole for 2 min', happens: swallowedFor(120) },
  { name: 'the database is a black hole for 10 min', happens: swallowedFor(600) },
  {
    name: 'Postgres is restarted: away for 20 s, then recovering',
    ownPostgres: {},
    happens: async ({ postgres }) => {
      await postgres.stop()
      await sleep(20)
      await postgres.start()
    },
  },
  {
    name: 'the database comes and goes: 5 s there, 5 s not, for 2 min',
    happens: stage =>
      repeat(12, async () => {
        await refusedFor(5)(stage)
        await sleep(5)
      }),
  },
  {
    name: 'every connection to the database is reset every 10 s, for 1 min',
    happens: ({ database }) =>
      repeat(6, async () => {
        database.proxy.reset()
        await sleep(10)
      }),
  },
  {
    name: 'Postgres is restarted, and the first 5 pages after it are 500: workers whose connection is gone',
    ownPostgres: {},
    happens: async stage => {
      const { postgres } = stage
      await postgres.stop()
      await sleep(20)
      await postgres.start()
      await each(stage, ({ app }) => {
        const before = app.requests
        app.behave(({ count }) => (count - before <= 5 ? { status: 500 } : 'page'))
      })
      await sleep(60)
    },
  },
  {
    name: 'the database has too many connections for 1 min',
    happens: async ({ database }) => {
      await database.sql(`alter role ${database.name} connection limit 0`)
      await database.endSessions()
      await sleep(60)
      await database.sql(`alter role ${database.name} connection limit -1`)
    },
  },
  {
    name: 'the password is rotated: in the database first, in the env files 30 s later',
    happens: async stage => {
      const { database } = stage
      const password = 'second-password'
      await database.sql(`alter role ${database.name} password '${password}'`)
      await database.endSessions()
      await sleep(30)
      await each(stage, async host => {
        await host.writeEnv({ DATABASE_URL: database.url({ password }) })
        await host.app.reload()
      })
      await sleep(30)
    },
  },
  {
    name: 'a newer release has migrated the database first',
    happens: async ({ database }) => {
      await database.sql(
        `insert into django_migrations (app, name) values ('catalog', '0003_stock'), ('orders', '0001_initial')`,
      )
      await sleep(60)
    },
  },
  {
    name: 'the database is slow: every round trip takes 0.3 s, for 1 min',
    happens: async ({ database: { proxy } }) => {
      proxy.delay(real(0.3))
      await sleep(60)
      proxy.delay(0)
    },
  },
  {
    name: 'the database is too slow: every round trip takes 3 s, for 2 min',
    happens: async ({ database: { proxy } }) => {
      proxy.delay(real(3))
      await sleep(120)
      proxy.delay(0)
    },
  },
  {
    name: 'a page of 10 queries is too slow at 0.3 s each, for 2 min; the database check has a time-out of 0.5 s',
    host: {
      config: text =>
        text.replace(new RegExp(`(name: database[^]*timeout: )${duration(2)}`), `$1${duration(0.5)}`),
    },
    prepares: stage => each(stage, ({ app }) => app.behave(() => ({ queries: 10 }))),
    happens: async ({ database: { proxy } }) => {
      proxy.delay(real(0.3))
      await sleep(120)
      proxy.delay(0)
    },
  },
  // names
  {
    name: 'the database fails over: its address is a black hole, and 20 s later its name leads to another',
    host: { sidecar: withFakes },
    prepares: async stage => {
      fakeHost(nameOf(stage), stage.database.addresses[0]!)
      await each(stage, host => host.writeEnv({ DATABASE_URL: stage.database.url({ host: nameOf(stage) }) }))
    },
    happens: async stage => {
      const { proxy, addresses } = stage.database
      proxy.swallow()
      await sleep(20)
      fakeHost(nameOf(stage), addresses[1]!)
      await sleep(20)
      await each(stage, host => host.app.reload())
      await sleep(60)
    },
  },
  {
    name: 'the name of the database does not resolve for 1 min, and its connections are reset',
    host: { sidecar: withFakes },
    prepares: async stage => {
      fakeHost(nameOf(stage), stage.database.addresses[0]!)
      await each(stage, host => host.writeEnv({ DATABASE_URL: stage.database.url({ host: nameOf(stage) }) }))
    },
    happens: async stage => {
      fakeHost(nameOf(stage), null)
      stage.database.proxy.reset()
      await sleep(60)
      fakeHost(nameOf(stage), stage.database.addresses[0]!)
    },
  },
  // the environment
  {
    name: 'consul-template rewrites the env file by rename every second, for 1 min',
    happens: stage =>
      repeat(60, i => each(stage, host => host.writeEnv({ TURN: `${i}` })).then(() => sleep(1))),
  },
  {
    name: 'the env file is rewritten in place every 5 s, and is empty for 1 s each time',
    happens: stage =>
      repeat(12, async () => {
        await each(stage, host => writeFile(host.envFile, ''))
        await sleep(1)
        await each(stage, host => writeFile(host.envFile, host.renderEnv()))
        await sleep(4)
      }),
  },
  {
    name: 'the env file is removed every 10 s, and written again after 2 s',
    happens: stage =>
      repeat(6, async () => {
        await each(stage, host => rm(host.envFile))
        await sleep(2)
        await each(stage, host => host.writeEnv())
        await sleep(8)
      }),
  },
  {
    name: 'a bad render empties a secret in all env files for 2 min, while the apps run on; env has `gate: startup`',
    host: { config: text => text.replace('    type: env\n', '    type: env\n    gate: startup\n') },
    happens: async stage => {
      await each(stage, host => host.writeEnv({ SECRET_KEY: '<no value>' }))
      await sleep(120)
      await each(stage, host => host.writeEnv({ SECRET_KEY: 'k'.repeat(50) }))
    },
  },
  // the app
  {
    name: 'a slow spell: every page takes 1.2 s, under the time-out of 2 s, for 1 min',
    happens: async stage => {
      await each(stage, ({ app }) => app.behave(() => ({ afterMs: real(1.2) })))
      await sleep(60)
      await each(stage, ({ app }) => app.behave(() => 'page'))
    },
  },
  {
    name: 'the app reloads without a gap every 10 s: its socket is replaced',
    happens: stage =>
      repeat(6, async () => {
        await each(stage, ({ app }) => app.start())
        await sleep(10)
      }),
  },
  {
    name: 'one request of each app hangs for 60 s, three times; all others are served',
    happens: stage =>
      repeat(3, async () => {
        await each(stage, ({ app }) => hangOnce(app, 60))
        await sleep(60)
      }),
  },
  {
    name: 'the database is away for 20 s, and a request in flight hangs for 2 min',
    happens: async stage => {
      await each(stage, ({ app }) => hangOnce(app, 120))
      await refusedFor(20)(stage)
      await sleep(120)
    },
  },
  // the sidecar itself
  {
    name: 'the sidecar is killed and restarted while the database refuses connections',
    preset: 'usual',
    happens: restartedWithin(
      ({ database }) => database.proxy.refuse(),
      ({ database }) => database.proxy.accept(),
    ),
  },
  {
    name: 'the sidecar is killed and restarted while the database is a black hole',
    preset: 'usual',
    happens: restartedWithin(
      ({ database }) => database.proxy.swallow(),
      ({ database }) => database.proxy.restore(),
    ),
  },
  {
    name: 'the sidecar is restarted by SIGTERM, and says 503 for 20 s as it leaves',
    preset: 'first',
    happens: async stage => {
      await each(stage, async host => {
        await host.stop('SIGTERM')
        await host.start({ now: true })
      })
      await sleep(60)
    },
  },
  {
    name: 'the sidecar is suspended for 20 s, three times',
    preset: 'usual',
    happens: stage =>
      repeat(3, async () => {
        await each(stage, host => host.freeze())
        await sleep(20)
        await each(stage, host => host.thaw())
        await sleep(60)
      }),
  },
  {
    name: 'the wall clock jumps a day ahead, then two days back (Date is faked in the process)',
    host: { sidecar: { preload: fakesModule, env: { ...withFakes.env, GAUNTLET_FAKE_CLOCK: '1' } } },
    happens: async () => {
      fakeClock(DAY_MS)
      await sleep(60)
      fakeClock(-DAY_MS)
      await sleep(60)
      fakeClock(0)
    },
  },
  {
    name: 'the log’s disk is full (/dev/full)',
    host: { config: text => text.replace(/log: .*/, 'log: { file: /dev/full, level: trace, probes: all }') },
    happens: refusedFor(60),
  },
  {
    name: 'the state directory cannot be written, and the database refuses connections',
    host: { config: text => text.replace(/state_dir: .*/, 'state_dir: /proc/health-sidecar') },
    happens: refusedFor(60),
  },
  {
    name: 'nobody reads the log’s pipe, and it is full; then the database refuses connections',
    alone: true,
    host: {
      config: text => text.replace(/log: .*/, 'log: { file: stdout, level: trace, probes: all }'),
      sidecar: { unreadPipe: true },
    },
    happens: async stage => {
      await each(
        stage,
        async host => void (await runStorm(host.target('sidecar'), { perSecond: 100, seconds: 5 })),
      )
      await refusedFor(60)(stage)
    },
  },
  {
    name: 'a storm of 1,000 probes a second on one host, for 10 real seconds',
    alone: true,
    hosts: 1,
    happens: async ({ hosts: [host] }) =>
      void (await runStorm(host!.target('sidecar'), { perSecond: 1000, seconds: 10 })),
  },
  {
    name: 'a storm of 1,000 probes a second on one host, while the database is a black hole',
    alone: true,
    hosts: 1,
    happens: async ({ hosts: [host], database: { proxy } }) => {
      proxy.swallow()
      await runStorm(host!.target('sidecar'), { perSecond: 1000, seconds: 10 })
      proxy.restore()
      await delay(100)
    },
  },
]
