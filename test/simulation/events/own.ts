import type { Random } from '../../support/random.ts'
import type { AppFault } from '../models/app-spec.ts'
import { between, logNormal, logUniform } from '../models/distributions.ts'
import type { FleetSpec } from '../models/fleet-spec.ts'
import type { Host } from '../models/host.ts'
import { MINUTE, SECOND, seconds } from './event.ts'
import type { EventType, Scene } from './event.ts'

/** Nobody repairs it at once. */
const ownMs = (random: Random): number =>
  logNormal(random, { median: 10 * MINUTE, sigma: 0.7, from: 3 * MINUTE, to: 40 * MINUTE })

const victim = ({ random, fleet }: Scene): Host => random.pick(fleet.hosts)

interface OwnTrouble {
  readonly text: string
  /** `breaks` is called when users begin to suffer; never, if they do not. */
  begins(host: Host, scene: Scene, breaks: () => void): void
  ends(host: Host, scene: Scene): void
}

const own = (
  name: string,
  {
    weight,
    trouble,
  }: { readonly weight: number; readonly trouble: (random: Random, spec: FleetSpec) => OwnTrouble },
): EventType => ({
  name,
  kind: 'own',
  weight,
  draw: (random, spec) => {
    const durationMs = ownMs(random)
    const drawn = trouble(random, spec)
    return {
      text: `${drawn.text}, for ${seconds(durationMs)}`,
      durationMs,
      begin(scene) {
        const host = victim(scene)
        const { simulation, ledger, fleet } = scene
        drawn.begins(host, scene, () => ledger.breaks(host, name))
        simulation.after(durationMs, () => {
          if (!fleet.hosts.includes(host)) return
          drawn.ends(host, scene)
          ledger.recovers(host)
        })
      },
    }
  },
})

/** A fault of the app that lasts until it ends. */
const steady = (text: string, fault: AppFault): OwnTrouble => ({
  text,
  begins({ app }, _scene, breaks) {
    breaks()
    app.setFault(fault)
  },
  ends: ({ app }) => app.setFault(undefined),
})

/** How many times slower a host must be so that its workers cannot do what users ask. */
const saturation = ({ app, ratePerHost }: FleetSpec): number =>
  (1000 * app.workers) / (ratePerHost * app.serviceMs)

const crash = (random: Random) => {
  const leavesSocket = random.chance(0.7)
  return steady(`the app of one host crashes, and ${leavesSocket ? 'leaves' : 'removes'} its socket`, {
    kind: 'down',
    leavesSocket,
  })
}

const slow = (random: Random, spec: FleetSpec) => {
  const factor = saturation(spec) * logUniform(random, 1.5, 30)
  return steady(`one host is ${Math.round(factor)} times as slow`, { kind: 'slow', factor })
}

const someErrors = (random: Random) => {
  const share = random.pick([0.25, 0.33, 0.5])
  return steady(`${Math.round(100 * share)} % of the pages of one host are errors`, {
    kind: 'bad-page',
    page: 'error',
    share,
  })
}

/** Pages take longer and longer, until the app is killed for its memory. */
const leak = (random: Random, spec: FleetSpec): OwnTrouble => {
  const minutes = between(random, 1, 5)
  const slowest = 4 * saturation(spec)
  let timer: Disposable | undefined
  let isBroken = false
  return {
    text: `the app of one host leaks: killed after ${minutes.toFixed(1)} min`,
    begins({ app }, { simulation }, breaks) {
      const since = simulation.now()
      timer = simulation.every(5 * SECOND, () => {
        const progress = (simulation.now() - since) / (minutes * MINUTE)
        const factor = slowest ** progress
        if (!isBroken && factor >= slowest / 4) breaks()
        isBroken ||= factor >= slowest / 4
        if (progress < 1) app.setFault({ kind: 'slow', factor })
        else if (app.fault?.kind !== 'down') app.setFault({ kind: 'down', leavesSocket: true })
      })
    },
    ends({ app }) {
      timer?.[Symbol.dispose]()
      app.setFault(undefined)
    },
  }
}

const flap = (random: Random): OwnTrouble => {
  const goodMs = logUniform(random, 3 * SECOND, 60 * SECOND)
  const badMs = logUniform(random, 3 * SECOND, 60 * SECOND)
  let isOver = false
  return {
    text: `the app of one host flaps: ${seconds(badMs)} bad, ${seconds(goodMs)} good`,
    begins({ app }, { simulation }, breaks) {
      breaks()
      const turn = (isBad: boolean) => {
        if (isOver) return
        app.setFault(isBad ? { kind: 'bad-page', page: 'error', share: 1 } : undefined)
        simulation.after(isBad ? badMs : goodMs, () => turn(!isBad))
      }
      turn(true)
    },
    ends({ app }) {
      isOver = true
      app.setFault(undefined)
    },
  }
}

const cutOff = (): OwnTrouble => ({
  text: 'one host is cut off from the database',
  begins({ host }, { fleet: { database }, spec }, breaks) {
    // an app that needs no database serves on
    if (spec.app.usesDatabase) breaks()
    database.cutOff(host, true)
  },
  ends: ({ host }, { fleet: { database } }) => database.cutOff(host, false),
})

const envLost = (): OwnTrouble => ({
  text: 'a variable is removed from the env file of one host',
  begins({ disk }, _scene, breaks) {
    breaks()
    disk.missingVariables = ['SECRET_KEY']
  },
  ends: ({ disk }) => void (disk.missingVariables = []),
})

/** Troubles of one host alone. It must leave service in time, and no other host may. */
export const ownEvents: readonly EventType[] = [
  own('crash', { weight: 4, trouble: crash }),
  own('stuck workers', {
    weight: 4,
    trouble: () => steady('every worker of one host is stuck', { kind: 'stuck' }),
  }),
  own('every page is an error', {
    weight: 3,
    trouble: () =>
      steady('every page of one host is an error', { kind: 'bad-page', page: 'error', share: 1 }),
  }),
  own('some pages are errors', { weight: 2, trouble: someErrors }),
  own('slow host', { weight: 3, trouble: slow }),
  own('leak', { weight: 2, trouble: leak }),
  own('flap', { weight: 2, trouble: flap }),
  own('cut off from the database', { weight: 2, trouble: cutOff }),
  own('variable lost', { weight: 1, trouble: envLost }),
]
