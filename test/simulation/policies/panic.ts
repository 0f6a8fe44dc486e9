import type { PeerAnswer } from '../../../src/core/peers.ts'
import type { HostView, Judge, Policy } from './policy.ts'

/** As the program's own peers: src/peers/follow-peers.ts. */
const LOOK_EVERY_MS = 1000
const SWEEP_EVERY_MS = 15_000
const MAX_ASKED = 5
/** More than this share of those that answer. */
const MOST = 0.5

const some = (names: readonly string[], random: () => number): string[] =>
  names
    .map(name => ({ name, at: random() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, MAX_ASKED)
    .map(({ name }) => name)

/** Whether most of the peers that were asked do not pass. A silent peer is no witness. */
export const isPanic = (answers: readonly PeerAnswer[]): boolean => {
  const heard = answers.filter(answer => answer !== 'silent')
  return heard.length > 0 && heard.filter(answer => answer === 'fail').length / heard.length > MOST
}

const startWithPanic = (host: HostView, judge: Judge): Judge => {
  const { clock, random } = host
  let hasPassed = false
  let isFailing = false
  let panics = false
  let sweepAt = -Infinity
  let next: Disposable

  const sweep = async (): Promise<void> => {
    const answers = await Promise.all(some(host.peers(), random).map(name => host.askPeer(name)))
    panics = isPanic(answers)
  }
  const look = () => {
    next = clock.after(LOOK_EVERY_MS, look)
    if (!isFailing) panics = false
    else if (clock.now() >= sweepAt) {
      sweepAt = clock.now() + SWEEP_EVERY_MS
      void sweep()
    }
  }
  next = clock.after(LOOK_EVERY_MS * random(), look)

  return {
    async probe() {
      const answer = await judge.probe()
      isFailing = answer !== 200
      if (!isFailing) hasPassed = true
      return isFailing && hasPassed && panics ? 200 : answer
    },
    // peers are told what the host itself knows: a panic that answered for itself would never end
    ...(judge.tellPeer && { tellPeer: () => judge.tellPeer!() }),
    end() {
      next[Symbol.dispose]()
      judge.end()
    },
  }
}

/**
 * Another policy with a panic rule, which the program does not have: a serving host that would answer 503 holds at 200 while
 * most of the peers that it asks fail as well. Envoy has it in its balancer (`healthy_panic_threshold`, 50 % by default).
 */
export const withPanic = (policy: Policy): Policy => ({
  name: `${policy.name}+panic`,
  start: (host, how) => startWithPanic(host, policy.start(host, how)),
})
