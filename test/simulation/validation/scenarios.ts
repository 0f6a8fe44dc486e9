import type { BadPage } from '../models/app-spec.ts'
import type { Host } from '../models/host.ts'
import { PROBE_SECONDS } from './scenario.ts'
import type { BenignFault, BrokenRelease, OwnFault, Scenario, Stage } from './scenario.ts'

const isDown = ({ app }: Host, leavesSocket = false): void => app.setFault({ kind: 'down', leavesSocket })
const isStuck = ({ app }: Host): void => app.setFault({ kind: 'stuck' })
const isGood = ({ app }: Host): void => app.setFault(undefined)
const hasPages =
  (page: BadPage, share = 1) =>
  ({ app }: Host): void =>
    app.setFault({ kind: 'bad-page', page, share })

/** Good for so many seconds, bad for so many, and so on. */
const flaps =
  (goodSeconds: number, badSeconds: number, isBad: (host: Host) => void = hasPages('error')) =>
  (host: Host, { after }: Stage): void => {
    const turnGood = () => {
      isGood(host)
      after(goodSeconds, turnBad)
    }
    const turnBad = () => {
      isBad(host)
      after(badSeconds, turnGood)
    }
    turnGood()
  }

const broken = (
  name: string,
  breaks: BrokenRelease['breaks'],
  more: Partial<BrokenRelease> = {},
): BrokenRelease => ({ kind: 'broken', name, breaks, ...more })

/** Its pages need no database: only the check of the files or of the database can tell. */
const behindThePage = { app: { isStatic: true } } as const

const brokenReleases: readonly BrokenRelease[] = [
  broken('the app is not there: no socket', host => isDown(host)),
  broken('the app has died and left its socket behind', host => isDown(host, true)),
  broken('every page is 500', hasPages('error')),
  broken('one page in three is 500, at random', hasPages('error', 1 / 3), { watchSeconds: 400 }),
  broken('the app accepts, and never answers', isStuck),
  broken('another page than the app’s: 200 without the expected text', hasPages('other-page')),
  broken('every page redirects: 301 to https', hasPages('redirect')),
  broken('flaps in time with fresh_for: 15 s good, 15 s bad', flaps(15, 15), { watchSeconds: 300 }),
  broken('flaps: 45 s good, 5 s bad', flaps(45, 5), { watchSeconds: 400 }),
  broken(
    'crash loop: up for 8 s, down for 4 s',
    flaps(8, 4, host => isDown(host)),
    { watchSeconds: 300 },
  ),
  broken('a migration is pending', ({ disk }) => void (disk.isMigrationPending = true), behindThePage),
  broken(
    'a required variable is missing',
    ({ disk }) => void (disk.missingVariables = ['SECRET_KEY']),
    behindThePage,
  ),
  broken(
    'the database refuses connections, from the start',
    (_, { fleet }) => fleet.database.set('refuses'),
    behindThePage,
  ),
  broken(
    'deployed in place over a good release: one page in three is 500',
    host => {
      hasPages('error', 1 / 3)(host)
      host.disk.release = 'r2'
    },
    { inPlace: true, watchSeconds: 300 },
  ),
]

const benign = (
  name: string,
  happens: BenignFault['happens'],
  more: Partial<BenignFault> = {},
): BenignFault => ({ kind: 'benign', name, happens, ...more })

const troubledFor =
  (trouble: 'refuses' | 'silent' | 'full', seconds: number) =>
  async ({ fleet: { database }, wait }: Stage): Promise<void> => {
    database.set(trouble)
    await wait(seconds)
    database.set(undefined)
  }

/** A queue grows within seconds, and stays: users come as fast as pages are done. */
const overload: BenignFault['happens'] = async ({ fleet, wait }) => {
  fleet.setLoad(2)
  await wait(6)
  fleet.setLoad(1)
  await wait(174)
  fleet.setLoad(0)
}

const benignFaults: readonly BenignFault[] = [
  benign('the database refuses connections for 20 min', troubledFor('refuses', 1200)),
  benign('the database refuses connections for 2 min', troubledFor('refuses', 120)),
  benign('the database is a black hole for 2 min', troubledFor('silent', 120)),
  benign('the database has too many connections for 1 min', async stage => {
    stage.fleet.database.restart()
    await troubledFor('full', 60)(stage)
  }),
  benign(
    'gunicorn and Django: the connections of Postgres are used up for 2 min (max_connections)',
    troubledFor('full', 120),
    { app: { logsIn: true } },
  ),
  benign('a newer release has migrated the database first', ({ wait }) => wait(60)),
  benign(
    'the sidecar is killed and restarted while the database refuses connections',
    async ({ fleet: { database }, hosts, wait }) => {
      database.set('refuses')
      await wait(30)
      for (const host of hosts) {
        host.end()
        host.start('again')
      }
      await wait(60)
      database.set(undefined)
    },
    { preset: 'usual' },
  ),
  benign(
    'the sidecar is suspended for 20 s, three times',
    async ({ hosts, wait }) => {
      for (let turn = 0; turn < 3; turn += 1) {
        for (const host of hosts) host.clock.suspend(20_000)
        await wait(80)
      }
    },
    { preset: 'usual' },
  ),
  benign('overload of every host: a queue of 6 s, for 3 min', overload, {
    hosts: 3,
    app: { isOverloaded: true, isStatic: true },
  }),
  benign(
    'all hosts are cut off from the database for 90 s; peers are configured',
    troubledFor('silent', 90),
    {
      hosts: 3,
      withPeers: true,
    },
  ),
  benign(
    'one host of three is cut off from the database for 90 s; no peers are configured, so nobody can tell',
    async ({ fleet: { database }, hosts: [first], wait }) => {
      database.cutOff(first!.host, true)
      await wait(90)
      database.cutOff(first!.host, false)
    },
    { hosts: 3 },
  ),
]

const own = (
  name: string,
  breaks: OwnFault['breaks'],
  more: Partial<OwnFault> & Pick<OwnFault, 'withinSeconds'>,
): OwnFault => ({ kind: 'own', name, breaks, hits: 3, ...more })

const ownFaults: readonly OwnFault[] = [
  own('gunicorn is killed, and its socket stays', host => isDown(host, true), { withinSeconds: 10 }),
  own('every page of a serving host is 500', hasPages('error'), { withinSeconds: 10 }),
  own('a maintenance page: 200, with another text', hasPages('other-page'), { withinSeconds: 10 }),
  own('all workers of gunicorn are stopped', isStuck, { withinSeconds: 40 }),
  own(
    'a migration is not applied: another release, deployed in place',
    ({ disk }) => void (disk.isMigrationPending = true),
    { withinSeconds: 25, spreadSeconds: 15 + PROBE_SECONDS, ...behindThePage },
  ),
  own('one host of three is stuck; peers are configured', isStuck, {
    hits: 1,
    withinSeconds: 40,
    withPeers: true,
  }),
  own(
    'one host of three is cut off from the database; peers are configured',
    ({ host }, { fleet: { database } }) => database.cutOff(host, true),
    { hits: 1, withinSeconds: 60, withPeers: true },
  ),
]

/** Scenarios of the gauntlet that the simulation's models can express. */
export const scenarios: readonly Scenario[] = [...brokenReleases, ...benignFaults, ...ownFaults]
