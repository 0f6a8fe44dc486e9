import { rm } from 'node:fs/promises'
import { Clients } from './clients.ts'
import { cutOffFirstHost, giveFirstHostItsOwnWay } from './fleet-faults.ts'
import { real } from './nominal-time.ts'
import type { OwnFault } from './scenario.ts'
import { withPeers, writePeers } from './with-peers.ts'

/** Proof is at hand at the next run of the check, or at the next probe. */
const AT_ONCE_SECONDS = 10
/**
 * A stuck app is told from a busy one by its patience, which begins with the first request that it leaves unanswered: up to
 * one probe later.
 */
const STUCK_SECONDS = 6 + 30 + AT_ONCE_SECONDS
/** A migrations check looks every 15 s, and a probe may come just before. */
const MIGRATIONS_SECONDS = 25
/** Peers are asked twice, 15 s apart. */
const CUT_OFF_SECONDS = 60

/**
 * In real time, as times are measured: a second look at a dependency comes after up to a second, for which there is no
 * setting.
 */
const all = { pace: 'real', hosts: 3, hits: 3, withinSeconds: AT_ONCE_SECONDS } as const
const onDjango = { ...all, host: { django: {} } }
const oneOfThree = { pace: 'real', hosts: 3, hits: 1 } as const

export const ownFaults: readonly OwnFault[] = [
  {
    name: 'gunicorn is killed, and its socket stays',
    ...onDjango,
    breaks: ({ django }) => django.kill({ leavesSocket: true }),
  },
  { name: 'gunicorn’s socket is removed', ...onDjango, breaks: ({ app }) => rm(app.path) },
  {
    name: 'every page of a serving host is 500',
    ...onDjango,
    breaks: ({ django }) => django.misbehave('error'),
  },
  {
    name: 'a maintenance page: 200, with another text',
    ...all,
    breaks: ({ app }) => app.behave(() => 'other-page'),
  },
  {
    name: 'a maintenance page: 503',
    ...all,
    breaks: ({ app }) => app.behave(() => ({ status: 503 })),
  },
  {
    name: 'one of gunicorn’s two workers is broken: its pages are 500; the check has `samples: 3`',
    ...onDjango,
    host: { django: {}, config: text => text.replace('body: Welcome }\n', '$&    samples: 3\n') },
    withinSeconds: STUCK_SECONDS,
    breaks: async ({ django }) => await django.misbehave(`error ${(await django.workers())[0]}`),
  },
  {
    name: 'all workers of gunicorn are stopped',
    ...onDjango,
    withinSeconds: STUCK_SECONDS,
    breaks: ({ django }) => django.stop(),
  },
  {
    name: 'every page takes 90 s',
    ...onDjango,
    withinSeconds: STUCK_SECONDS,
    breaks: ({ django }) => django.misbehave(`delay ${real(90) / 1000}`),
  },
  {
    name: 'a migration is not applied: another release, deployed in place',
    ...all,
    withinSeconds: MIGRATIONS_SECONDS,
    breaks: host => host.ship(['0001_initial', '0002_price', '0003_stock']),
  },
  {
    name: 'one host of three is stuck; peers are configured',
    ...oneOfThree,
    host: { django: {}, config: withPeers },
    withinSeconds: STUCK_SECONDS,
    prepares: writePeers,
    breaks: ({ django }) => django.stop(),
  },
  {
    name: 'one host of three is slow alone: a queue of 6 s; peers are configured',
    ...oneOfThree,
    host: { django: {}, config: withPeers },
    withinSeconds: STUCK_SECONDS,
    prepares: writePeers,
    breaks: ({ app }) =>
      new Clients({
        count: 24,
        route: () => app.path,
        path: '/delay/?seconds=0.5',
        givesUpAfterSeconds: 600,
      }),
  },
  {
    name: 'one host of three is cut off from the database; peers are configured',
    ...oneOfThree,
    host: { config: withPeers },
    withinSeconds: CUT_OFF_SECONDS,
    prepares: async stage => {
      await writePeers(stage)
      await giveFirstHostItsOwnWay(stage)
    },
    breaks: (_, stage) => cutOffFirstHost(stage),
  },
]
