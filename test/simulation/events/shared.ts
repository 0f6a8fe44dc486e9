import type { Random } from '../../support/random.ts'
import { between, logNormal, logUniform } from '../models/distributions.ts'
import type { DatabaseTrouble } from '../models/database.ts'
import { MINUTE, SECOND, seconds } from './event.ts'
import type { EventType, Scene } from './event.ts'

/** Of seconds to hours: from a failover to DynamoDB's five hours of 2015. */
const outageMs = (random: Random): number =>
  logNormal(random, { median: 3 * MINUTE, sigma: 1.5, from: 5 * SECOND, to: 5 * 60 * MINUTE })

const outage = (
  name: string,
  { weight, trouble }: { readonly weight: number; readonly trouble: DatabaseTrouble },
): EventType => ({
  name,
  kind: 'shared',
  weight,
  draw: random => {
    const durationMs = outageMs(random)
    const slowMs = trouble === 'slow' ? logUniform(random, 100, 8000) : 0
    return {
      text: `${name}, for ${seconds(durationMs)}${slowMs > 0 ? `, by ${Math.round(slowMs)} ms a query` : ''}`,
      durationMs,
      begin({ simulation, fleet: { database } }) {
        database.set(trouble, { slowMs })
        simulation.after(durationMs, () => database.set(undefined))
      },
    }
  },
})

const failover: EventType = {
  name: 'the database fails over',
  kind: 'shared',
  weight: 3,
  draw: random => {
    const downMs = between(random, 5 * SECOND, 60 * SECOND)
    const startingMs = between(random, 2 * SECOND, 30 * SECOND)
    return {
      text: `the database fails over: down for ${seconds(downMs)}, starting for ${seconds(startingMs)}`,
      durationMs: downMs + startingMs,
      begin({ simulation, fleet: { database } }) {
        database.set('refuses')
        simulation.after(downMs, () => database.set('starting'))
        simulation.after(downMs + startingMs, () => database.set(undefined))
      },
    }
  },
}

const restart: EventType = {
  name: 'the database restarts at once',
  kind: 'shared',
  weight: 2,
  draw: () => ({
    text: 'the database restarts at once: every kept connection is cut',
    durationMs: SECOND,
    begin: ({ fleet: { database } }) => database.restart(),
  }),
}

const overload: EventType = {
  name: 'overload',
  kind: 'shared',
  weight: 8,
  draw: (random, { app, ratePerHost }) => {
    const durationMs = logNormal(random, {
      median: 5 * MINUTE,
      sigma: 1.2,
      from: 10 * SECOND,
      to: 2 * 60 * MINUTE,
    })
    const factor = logUniform(random, 1.5, 12)
    const load = (ratePerHost * app.serviceMs * factor) / 1000 / app.workers
    return {
      text: `overload: ${factor.toFixed(1)} times the users (${load.toFixed(1)} of what the workers can do), for ${seconds(durationMs)}`,
      durationMs,
      begin({ simulation, fleet }) {
        fleet.setLoad(factor)
        simulation.after(durationMs, () => fleet.setLoad(1))
      },
    }
  },
}

const restartPolicies = ({ simulation, random, fleet, ledger }: Scene, spreadMs: number) => {
  for (const host of fleet.hosts)
    simulation.after(spreadMs * random.next(), () => {
      if (!host.isJudged) return
      ledger.tell(`${host.host}: its sidecar is killed, and starts again`)
      host.end()
      simulation.after(between(random, 100, 3000), () => {
        if (!host.isJudged && fleet.hosts.includes(host)) host.start('again')
      })
    })
}

/** Configuration management restarts the sidecar of every host. */
const rollingRestart: EventType = {
  name: 'every sidecar restarts',
  kind: 'benign',
  weight: 3,
  draw: random => {
    const spreadMs = logUniform(random, SECOND, 5 * MINUTE)
    return {
      text: `every sidecar restarts, within ${seconds(spreadMs)}`,
      durationMs: spreadMs + 3 * SECOND,
      begin: scene => restartPolicies(scene, spreadMs),
    }
  },
}

const clockJump: EventType = {
  name: 'clocks jump',
  kind: 'benign',
  weight: 2,
  draw: random => {
    const suspendedMs = logUniform(random, SECOND, 10 * SECOND)
    const stepMs = (random.chance(0.5) ? 1 : -1) * logUniform(random, SECOND, 365 * 24 * 60 * MINUTE)
    return {
      text: `the wall clocks are set by ${Math.round(stepMs / SECOND)} s, and each host is suspended for ${seconds(suspendedMs)}`,
      durationMs: 2 * MINUTE,
      begin({ simulation, random, fleet }) {
        for (const { clock } of fleet.hosts) {
          clock.step(stepMs)
          simulation.after(MINUTE * random.next(), () => clock.suspend(suspendedMs))
        }
      },
    }
  },
}

const nothing: EventType = {
  name: 'nothing happens',
  kind: 'benign',
  weight: 2,
  draw: () => ({ text: 'nothing happens', durationMs: 10 * MINUTE, begin: () => {} }),
}

/** Troubles of all hosts at once, and of none. No host may be taken out for them. */
export const sharedEvents: readonly EventType[] = [
  outage('the database refuses connections', { weight: 6, trouble: 'refuses' }),
  outage('the database is silent', { weight: 5, trouble: 'silent' }),
  outage('the connections of the database are used up', { weight: 5, trouble: 'full' }),
  outage('the database is slow', { weight: 4, trouble: 'slow' }),
  failover,
  restart,
  overload,
  rollingRestart,
  clockJump,
  nothing,
]
