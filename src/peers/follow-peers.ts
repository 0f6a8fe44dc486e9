import type { PeerAnswer, PeerSweep } from '../core/peers.ts'
import { describeError } from '../lib/describe-error.ts'
import type { Logger } from '../log/logger.ts'
import { createSeldom, moreText } from '../log/seldom.ts'
import type { Clock } from '../monitor/clock.ts'
import type { Peer, PeerList } from './peer-list.ts'

/** How often this host looks whether it has doubts, in milliseconds. */
const LOOK_EVERY_MS = 1000
/** How long a doubt must last before the first sweep, in milliseconds: peers need time to see an outage too. */
const DOUBT_MS = 5000
/** The time between two sweeps, in milliseconds. */
const SWEEP_EVERY_MS = 15_000
/**
 * The shortest time, in milliseconds, from the first doubt until a host knows that it is alone: two sweeps must agree.
 */
export const ALONE_AFTER_MS = DOUBT_MS + SWEEP_EVERY_MS
/** A cadence is stretched by up to this share, so that hosts drift apart. */
const JITTER = 0.1
/** So many peers are asked in one sweep. */
const MAX_ASKED = 5

export interface FollowPeersOptions {
  /** The checks that hold on trouble that may be shared. */
  readonly doubts: () => readonly string[]
  /** Told of each sweep, and of undefined once there are no doubts. */
  readonly hear: (sweep: PeerSweep | undefined) => void
  readonly list: () => Promise<PeerList>
  readonly ask: (peer: Peer) => Promise<PeerAnswer>
  /** The longest time in milliseconds for which a peer may answer from an older finding. */
  readonly freshForMs: () => number
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly logger: Logger
}

const shuffled = <T>(items: readonly T[], random: () => number): T[] =>
  items
    .map(item => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)

/**
 * Asks other sidecars whose trouble it is, while this host holds on a shared or a busy `unknown` or its app makes no
 * progress, and at no other time. A peer's answer can make this host leave. It can make it stay only where its app is silent.
 */
export const followPeers = (options: FollowPeersOptions): Disposable => {
  const { hear, list, ask, freshForMs, clock, random, logger } = options
  let next: Disposable | undefined
  let isOver = false
  let isDoubting = false
  let sweepAt = 0
  const seldom = createSeldom(clock)

  const sweep = async (checks: readonly string[]): Promise<void> => {
    const { peers, unread } = await list()
    const asked = shuffled(peers, random).slice(0, MAX_ASKED)
    const answered = await Promise.all(
      asked.map(async peer => ({ peer: `${peer.host}:${peer.port}`, answer: await ask(peer) })),
    )
    if (isOver) return
    // nobody can be asked there, and somebody may be there
    const silent = unread.slice(0, MAX_ASKED).map(peer => ({ peer, answer: 'silent' as const }))
    const answers = [...answered, ...silent]
    const known = peers.length + unread.length
    hear({ known, answers, at: clock.now() })
    const said = answers.map(({ peer, answer }) => `${peer} ${answer}`)
    const msg = `peers asked about ${checks.join(', ')}: ${said.join(', ') || 'there are none'}`
    logger.log('info', { event: 'peers.asked', msg, checks, answers: said, known })
  }

  const look = async (): Promise<void> => {
    const doubts = options.doubts()
    const now = clock.now()
    if (doubts.length === 0) {
      if (isDoubting) hear(undefined)
      isDoubting = false
    } else if (!isDoubting) {
      isDoubting = true
      sweepAt = now + DOUBT_MS
    } else if (now >= sweepAt) {
      sweepAt = now + Math.max(SWEEP_EVERY_MS, freshForMs()) * (1 + JITTER * random())
      await sweep(doubts)
    }
  }

  /** If the program itself breaks, nothing is heard: the host holds as before it asked. */
  const lookOn = async (): Promise<void> => {
    try {
      await look()
    } catch (error) {
      const unlogged = seldom.of('broke')
      if (unlogged !== undefined)
        logger.log('error', {
          event: 'peers.broke',
          msg: `the peers cannot be asked${moreText(unlogged)}: ${describeError(error)}; report it`,
          unlogged,
        })
    }
    if (!isOver) next = clock.after(LOOK_EVERY_MS, () => void lookOn())
  }

  next = clock.after(LOOK_EVERY_MS, () => void lookOn())
  return {
    [Symbol.dispose]() {
      isOver = true
      next?.[Symbol.dispose]()
    },
  }
}
