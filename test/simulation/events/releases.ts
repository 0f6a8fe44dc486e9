import type { Random } from '../../support/random.ts'
import type { BadPage } from '../models/app-spec.ts'
import { between, logUniform } from '../models/distributions.ts'
import type { Host } from '../models/host.ts'
import { MINUTE, SECOND, seconds } from './event.ts'
import type { EventType, Scene } from './event.ts'

/** What a host with a broken release is like from the moment at which its app should answer. */
type Breaks = (host: Host, scene: Scene) => void

/** A refresh gives up on a new host that is not in service by then. */
const PATIENCE_MS = 15 * MINUTE
/** The group lets a new host bake for so long before the next batch. */
const BAKE_MS = MINUTE
const RELEASE = 'r2'

const badPage =
  (page: BadPage, share = 1): Breaks =>
  ({ app }) =>
    app.setFault({ kind: 'bad-page', page, share })

/** Switches between good and bad for ever. */
const alternating = (
  { goodMs, badMs }: { readonly goodMs: number; readonly badMs: number },
  bad: Breaks,
): Breaks => {
  return (host, scene) => {
    const turn = (isBad: boolean) => {
      if (!scene.fleet.hosts.includes(host)) return
      if (isBad) bad(host, scene)
      else host.app.setFault(undefined)
      scene.simulation.after(isBad ? badMs : goodMs, () => turn(!isBad))
    }
    turn(false)
  }
}

const down: Breaks = ({ app }) => app.setFault({ kind: 'down', leavesSocket: true })

/** Each second its pages take longer. */
const slowToDeath: Breaks = ({ app }, { simulation, spec }) => {
  const since = simulation.now()
  simulation.every(SECOND, () =>
    app.setFault({
      kind: 'slow',
      factor: 1 + ((simulation.now() - since) / SECOND) * (50 / spec.app.serviceMs),
    }),
  )
}

const diesAfter =
  (ms: number): Breaks =>
  (host, scene) =>
    void scene.simulation.after(ms, () => down(host, scene))

const draws: readonly (readonly [
  name: string,
  draw: (random: Random) => { readonly text: string; readonly breaks: Breaks },
])[] = [
  [
    'the app does not start',
    () => ({ text: '', breaks: ({ app }) => app.setFault({ kind: 'down', leavesSocket: false }) }),
  ],
  ['every page is an error', () => ({ text: '', breaks: badPage('error') })],
  [
    'some pages are errors',
    random => {
      const share = random.pick([0.2, 0.25, 0.33, 0.5])
      return { text: `: ${Math.round(100 * share)} %`, breaks: badPage('error', share) }
    },
  ],
  ['stuck workers', () => ({ text: '', breaks: ({ app }) => app.setFault({ kind: 'stuck' }) })],
  ['slow to death', () => ({ text: '', breaks: slowToDeath })],
  [
    'another broken page',
    random => {
      const page = random.pick<BadPage>(['cut-short', 'closed', 'other-page', 'redirect', 'bad-request'])
      return { text: `: ${page}`, breaks: badPage(page) }
    },
  ],
  [
    'flap',
    random => {
      const times = {
        goodMs: logUniform(random, 3 * SECOND, 45 * SECOND),
        badMs: logUniform(random, SECOND, 30 * SECOND),
      }
      return {
        text: `: ${seconds(times.goodMs)} good, ${seconds(times.badMs)} bad`,
        breaks: alternating(times, badPage('error')),
      }
    },
  ],
  [
    'crash loop',
    random => {
      const times = {
        goodMs: logUniform(random, 3 * SECOND, 40 * SECOND),
        badMs: between(random, SECOND, 10 * SECOND),
      }
      return { text: `: up for ${seconds(times.goodMs)}`, breaks: alternating(times, down) }
    },
  ],
  [
    'dies early',
    random => {
      const ms = between(random, 5 * SECOND, 50 * SECOND)
      return { text: `: after ${seconds(ms)}`, breaks: diesAfter(ms) }
    },
  ],
  ['a migration is pending', () => ({ text: '', breaks: () => {} })],
  ['a variable is missing', () => ({ text: '', breaks: () => {} })],
]

/** A canary of one host in ten with the broken release. It must never come into service. */
const brokenRelease = ([name, draw]: (typeof draws)[number]): EventType => ({
  name: `broken release: ${name}`,
  kind: 'release',
  weight: 2,
  draw: random => {
    const { text, breaks } = draw(random)
    return {
      text: `a canary with a broken release: ${name}${text}`,
      durationMs: PATIENCE_MS,
      begin(scene) {
        const { fleet, ledger, simulation } = scene
        const canary = Array.from({ length: Math.max(1, Math.floor(fleet.size / 10)) }, () =>
          fleet.launch(host => breaks(host, scene)),
        )
        for (const { disk } of canary) {
          disk.release = RELEASE
          disk.isMigrationPending = name === 'a migration is pending'
          disk.missingVariables = name === 'a variable is missing' ? ['SECRET_KEY'] : []
        }
        for (const host of canary) ledger.launchedBroken(host, name)
        simulation.after(PATIENCE_MS, () => {
          for (const host of canary) if (fleet.hosts.includes(host)) fleet.retire(host)
        })
      },
    }
  },
})

/** An instance refresh: batch after batch, new hosts are launched, and old ones leave once the new ones are in service. */
const refresh = (scene: Scene, { batch }: { readonly batch: number }): void => {
  const { fleet, ledger, simulation } = scene
  const old = [...fleet.hosts]
  fleet.prepares = host => ledger.ready(host)
  const nextBatch = () => {
    const leaving = old.splice(0, batch).filter(host => fleet.hosts.includes(host))
    if (leaving.length === 0) return
    const arriving = leaving.map(() => fleet.launch())
    for (const { disk } of arriving) disk.release = RELEASE
    const since = simulation.now()
    const watch = simulation.every(5 * SECOND, () => {
      const isReady = arriving.every(host => fleet.isInService(host))
      if (!isReady && simulation.now() - since < PATIENCE_MS) return
      watch[Symbol.dispose]()
      if (!isReady) return ledger.tell('the instance refresh gives up: a new host is not in service')
      simulation.after(BAKE_MS, () => {
        for (const host of leaving) if (fleet.hosts.includes(host)) fleet.retire(host)
        nextBatch()
      })
    })
  }
  nextBatch()
}

const goodRelease: EventType = {
  name: 'good release',
  kind: 'benign',
  weight: 5,
  draw: random => {
    const share = random.pick([0.1, 0.2, 0.5, 1])
    return {
      text: `a good release by instance refresh, ${Math.round(100 * share)} % at a time`,
      durationMs: Math.min((6 * MINUTE) / share, 40 * MINUTE),
      begin: scene => refresh(scene, { batch: Math.max(1, Math.round(share * scene.fleet.size)) }),
    }
  },
}

export const releaseEvents: readonly EventType[] = [goodRelease, ...draws.map(brokenRelease)]
