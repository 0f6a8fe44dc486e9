import type { Random } from '../../support/random.ts'
import type { BadPage } from '../models/app-spec.ts'
import { between, logUniform } from '../models/distributions.ts'
import type { Host } from '../models/host.ts'
import { MINUTE, SECOND, seconds } from './event.ts'
import type { EventType, Scene } from './event.ts'
import { NEXT_RELEASE, REFRESH_PATIENCE_MS, refresh } from './refresh.ts'

/** What a host with a broken release is like from the moment at which its app should answer. */
type Breaks = (host: Host, scene: Scene) => void

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
      durationMs: REFRESH_PATIENCE_MS,
      begin(scene) {
        const { fleet, ledger, simulation } = scene
        const canary = Array.from({ length: Math.max(1, Math.floor(fleet.size / 10)) }, () =>
          fleet.launch(host => breaks(host, scene)),
        )
        for (const { disk } of canary) {
          disk.release = NEXT_RELEASE
          disk.isMigrationPending = name === 'a migration is pending'
          disk.missingVariables = name === 'a variable is missing' ? ['SECRET_KEY'] : []
        }
        for (const host of canary) ledger.launchedBroken(host, name)
        simulation.after(REFRESH_PATIENCE_MS, () => {
          for (const host of canary) if (fleet.hosts.includes(host)) fleet.retire(host)
        })
      },
    }
  },
})

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
