import { rm, writeFile } from 'node:fs/promises'
import type { Behaviour } from './fixture-app.ts'
import type { Host } from './host.ts'
import { nominal, sleep } from './nominal-time.ts'
import type { BrokenRelease } from './scenario.ts'

const always =
  (behaviour: Behaviour) =>
  (host: Host): void =>
    host.app.behave(behaviour)

const error = { status: 500 } as const

/** Good for so many seconds, bad for so many, and so on. */
const flapping =
  (goodSeconds: number, badSeconds: number): Behaviour =>
  ({ upMs }) =>
    nominal(upMs) % (goodSeconds + badSeconds) < goodSeconds ? 'page' : error

const oneInThree: Behaviour = () => (Math.random() < 1 / 3 ? error : 'page')

/** Repeats until the signal is aborted. */
const repeat = async (signal: AbortSignal, turn: () => Promise<void>): Promise<void> => {
  while (!signal.aborted) await turn()
}

const withoutVariable = (name: string) => (host: Host) => host.writeEnv({ [name]: undefined })
const withVariable = (name: string, value: string) => (host: Host) => host.writeEnv({ [name]: value })

export const brokenReleases: readonly BrokenRelease[] = [
  // the app
  { name: 'the app is not there: no socket', withoutApp: true },
  {
    name: 'the app has died and left its socket behind',
    withoutApp: true,
    breaks: async host => {
      await host.app.start()
      await host.app.die({ leavesSocket: true })
    },
  },
  { name: 'every page is 500', breaks: always(() => error) },
  { name: 'every third page is 500', breaks: always(({ count }) => (count % 3 === 0 ? error : 'page')) },
  { name: 'one page in three is 500, at random', breaks: always(oneInThree), watchSeconds: 400 },
  {
    name: 'one page in five is 500, at random',
    breaks: always(() => (Math.random() < 1 / 5 ? error : 'page')),
    watchSeconds: 400,
  },
  { name: 'the app accepts, and never answers', breaks: always(() => 'hang') },
  {
    name: 'slow to death: each second its pages take 50 ms longer',
    breaks: always(({ upMs }) => ({ afterMs: upMs * 0.05 })),
  },
  { name: 'the app closes every connection without a byte', breaks: always(() => 'close') },
  { name: 'the page is truncated', breaks: always(() => 'cut-short') },
  { name: 'another page than the app’s: 200 without the expected text', breaks: always(() => 'other-page') },
  {
    name: 'every page redirects: 301 to https',
    breaks: always(() => ({ status: 301, location: 'https://localhost/' })),
  },
  { name: 'the app rejects the Host header: 400', breaks: always(() => ({ status: 400 })) },
  // in time with something
  { name: 'flaps: 3 s good, 3 s bad', breaks: always(flapping(3, 3)), watchSeconds: 300 },
  {
    name: 'flaps in time with the probes: 6 s good, 6 s bad',
    breaks: always(flapping(6, 6)),
    watchSeconds: 300,
  },
  {
    name: 'flaps in time with fresh_for: 15 s good, 15 s bad',
    breaks: always(flapping(15, 15)),
    watchSeconds: 300,
  },
  {
    name: 'flaps in time with the rounds: 18 s good, 1 s bad',
    breaks: always(flapping(18, 1)),
    watchSeconds: 300,
  },
  { name: 'flaps: 45 s good, 5 s bad', breaks: always(flapping(45, 5)), watchSeconds: 400 },
  {
    name: 'crash loop: up for 8 s, down for 4 s',
    withoutApp: true,
    meanwhile: (host, { signal }) =>
      repeat(signal, async () => {
        await host.app.start()
        await sleep(8)
        await host.app.die()
        await sleep(4)
      }),
    watchSeconds: 300,
  },
  {
    name: 'good for 45 s, then dies, before the rounds are over',
    meanwhile: async host => {
      await sleep(45)
      await host.app.die({ leavesSocket: true })
    },
  },
  {
    name: 'half of the pages are 500, and the sidecar crashes every 40 s',
    breaks: always(({ count }) => (count % 2 === 0 ? error : 'page')),
    meanwhile: (host, { signal }) =>
      repeat(signal, async () => {
        await sleep(40)
        await host.stop('SIGKILL')
        await host.start()
      }),
    watchSeconds: 300,
  },
  // migrations; the page does not show them
  {
    name: 'a migration is pending',
    breaks: async host => {
      host.app.behave(() => 'static')
      await host.ship(['0001_initial', '0002_price', '0003_stock'])
    },
  },
  {
    name: 'migrations are applied in part: the last one of three, not the middle one',
    breaks: async (host, { database }) => {
      host.app.behave(() => 'static')
      await host.ship(['0001_initial', '0002_price', '0003_stock'])
      await database.sql(`update django_migrations set name = '0003_stock' where name = '0002_price'`)
    },
  },
  {
    name: 'the database has no migrations table',
    breaks: async (host, { database }) => {
      host.app.behave(() => 'static')
      await database.sql('drop table django_migrations')
    },
  },
  {
    name: 'the release ships an empty migrations directory',
    breaks: host => host.ship([]),
  },
  {
    name: 'the release ships no migrations directory',
    breaks: host => rm(host.migrations, { recursive: true }),
  },
  // the environment; the app has not noticed yet
  {
    name: 'the env file is missing',
    breaks: host => {
      host.app.behave(() => 'static')
      return rm(host.envFile)
    },
  },
  { name: 'a required variable is missing', breaks: withoutVariable('SECRET_KEY') },
  { name: 'a required variable is empty', breaks: withVariable('SECRET_KEY', '') },
  { name: 'a required variable is changeme', breaks: withVariable('SECRET_KEY', 'changeme') },
  {
    name: 'a template was rendered without its key: <no value>',
    breaks: withVariable('SECRET_KEY', '<no value>'),
  },
  // the database
  {
    name: 'the database refuses the login, from the start',
    breaks: async (host, { database }) => {
      host.app.behave(() => 'static')
      await host.writeEnv({ DATABASE_URL: database.url({ password: 'not-the-password' }) })
    },
  },
  {
    name: 'the database refuses connections, from the start',
    breaks: (host, { database }) => {
      host.app.behave(() => 'static')
      database.proxy.refuse()
    },
  },
  {
    name: 'the database is a black hole, from the start: a required check never answers',
    breaks: (host, { database }) => {
      host.app.behave(() => 'static')
      database.proxy.swallow()
    },
  },
  // over a good release
  {
    name: 'deployed in place over a good release: every page is 500',
    afterGood: async host => {
      host.app.behave(() => error)
      await host.release('2')
    },
  },
  {
    name: 'deployed in place over a good release: one page in three is 500',
    afterGood: async host => {
      host.app.behave(oneInThree)
      await host.release('2')
    },
    watchSeconds: 300,
  },
  {
    name: 'deployed in place over a good release: a migration is pending',
    afterGood: async host => {
      await host.ship(['0001_initial', '0002_price', '0003_stock'])
      await host.release('2')
    },
  },
  {
    name: 'restarted with the latch of another release, and nothing can be proved',
    afterGood: async (host, { database }) => {
      await host.stop('SIGKILL')
      await host.release('2')
      database.proxy.refuse()
      await host.start()
    },
  },
  {
    name: 'restarted with the latch of another boot, and nothing can be proved',
    afterGood: async (host, { database }) => {
      await host.stop('SIGKILL')
      const latch = JSON.parse(await host.readLatch()) as object
      await writeFile(host.latchFile, JSON.stringify({ ...latch, bootId: 'another' }))
      database.proxy.refuse()
      await host.start()
    },
  },
  {
    name: 'restarted with a damaged latch, and nothing can be proved',
    afterGood: async (host, { database }) => {
      await host.stop('SIGKILL')
      await writeFile(host.latchFile, (await host.readLatch()).slice(0, 20))
      database.proxy.refuse()
      await host.start()
    },
  },
  // the configuration
  {
    name: 'the configuration has a key that does not exist',
    host: { config: text => text.replace('expect:', 'expects:') },
  },
  {
    name: 'the configuration requires nothing',
    breaks: always(() => error),
    host: {
      config: text =>
        text
          .replaceAll(/^( {4}type: (?:smoke|migrations))$/gm, '$1\n    required: false')
          .replace(/ {2}- name: env[\s\S]*?(?= {2}- name: database)/, ''),
    },
  },
]
