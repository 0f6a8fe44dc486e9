import { smokeWith } from '../../../src/checks/smoke/smoke.ts'
import { answerOf } from '../../../src/core/answer.ts'
import { proven, unproven } from '../../../src/core/host-state.ts'
import type { Against } from '../../../src/core/host-state.ts'
import type { PeerAnswer } from '../../../src/core/peers.ts'
import { publicStatus } from '../../../src/core/public-status.ts'
import type { Policy as Rules } from '../../../src/core/verdict.ts'
import { policyOf } from '../../../src/config/config.ts'
import type { Config } from '../../../src/config/config.ts'
import { Monitor } from '../../../src/monitor/monitor.ts'
import { longestFreshForMs } from '../../../src/monitor/cadence.ts'
import { shuffled } from '../../../src/peers/choose-peers.ts'
import { followPeers } from '../../../src/peers/follow-peers.ts'
import { createOurChecks } from './our-checks.ts'
import type { HostView, Judge, Policy } from './policy.ts'
import type { Program } from '../rules/load-program.ts'

/** How often host/host-watch.ts looks for another release. */
const FOLLOW_MS = 1000
const LATCH = 'latch'
const PEERS_ANSWERED = 'peers answered'
const AGAINST = 'against'

export interface OursOptions {
  /** A rule of core/ in another form, to learn what it is worth. */
  readonly rules?: (rules: Rules) => Rules
  /** The program with one rule changed. */
  readonly program?: Program
}

/**
 * This program: its real monitor, rules, checks and peers, under a real configuration. Only what is outside of it is
 * simulated: time, the app's answers, the database's and those of other hosts.
 */
export const ours = (
  name: string,
  config: Config,
  { rules = given => given, program = { Monitor, followPeers, smokeWith } }: OursOptions = {},
): Policy => ({
  name,
  start: (host, how) =>
    startOurs(host, {
      config,
      program,
      rules: rules(policyOf(config, { spread: host.random() })),
      // the latch of a release that has passed on this boot
      isProven: how === 'serving' || host.disk.get(LATCH) === host.files.release(),
    }),
})

const startOurs = (
  host: HostView,
  {
    config,
    program: { Monitor, followPeers, smokeWith },
    rules,
    isProven,
  }: {
    readonly config: Config
    readonly program: Program
    readonly rules: Rules
    readonly isProven: boolean
  },
): Judge => {
  const { clock, random, files, disk, tell } = host
  let release = files.release()
  const keepLatch = () => void disk.set(LATCH, release)
  const noteAgainst = () => {
    if (monitor.host.life.phase === 'serving') disk.set(AGAINST, JSON.stringify(monitor.against()))
  }
  const against: Partial<Against> = JSON.parse(disk.get(AGAINST) ?? '{}')
  const monitor: InstanceType<typeof Monitor> = new Monitor({
    policy: rules,
    checks: createOurChecks(config, host, { smokeWith, hasServed: isProven, silent: against.silent ?? [] }),
    deadlineMs: config.deadline,
    clock,
    random,
    listeners: [
      {
        proved: keepLatch,
        checkAnswered: noteAgainst,
        verdictChanged: ({ verdict: { status, phase, output } }) =>
          tell(`${phase}, ${status}: ${output ?? 'all is well'}`),
      },
    ],
    host: isProven ? proven(clock.now(), against) : unproven(rules),
  })
  if (isProven) keepLatch()
  monitor.start()

  const peers =
    config.peers !== undefined &&
    followPeers({
      doubts: () => monitor.doubts(),
      hear: sweep => monitor.hearPeers(sweep),
      isOn: () => true,
      async choose(count) {
        const others = host.peers()
        const peers = shuffled(others, random).slice(0, count)
        return {
          peers: peers.map(peer => ({ host: peer, port: 80 })),
          unread: [],
          known: others.length,
        }
      },
      hasAnswered: isProven && disk.has(PEERS_ANSWERED),
      answered: () => void disk.set(PEERS_ANSWERED, 'true'),
      ask: peer => host.askPeer(peer.host),
      freshForMs: () => longestFreshForMs(rules),
      clock,
      random,
      logger: { log() {} },
    })

  const firstLookAt = clock.now() + FOLLOW_MS * random()
  let isOver = false
  const look = () => {
    if (isOver || files.release() === release) return
    release = files.release()
    monitor.restart()
  }
  // a look that would find nothing new is left out: it would be half of all events
  files.onRelease(() => {
    const passed = Math.max(0, Math.ceil((clock.now() - firstLookAt) / FOLLOW_MS))
    clock.after(firstLookAt + passed * FOLLOW_MS - clock.now(), look)
  })

  return {
    probe() {
      const verdict = monitor.verdict()
      return verdict instanceof Promise
        ? verdict.then(({ status }) => answerOf(status))
        : answerOf(verdict.status)
    },
    async tellPeer(): Promise<PeerAnswer> {
      return publicStatus(await monitor.verdict())
    },
    end() {
      isOver = true
      if (peers) peers[Symbol.dispose]()
      void monitor[Symbol.asyncDispose]()
      void host.database[Symbol.asyncDispose]()
    },
  }
}
