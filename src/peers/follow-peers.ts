import type { PeerSweep } from '../core/peers.ts'
import { describeError } from '../lib/describe-error.ts'
import type { Logger } from '../log/logger.ts'
import { createSeldom, moreText } from '../log/seldom.ts'
import type { Clock } from '../monitor/clock.ts'
import { askSome } from './ask-some.ts'
import type { Asking } from './ask-some.ts'
import { createReach } from './reach.ts'
import type { Reach, ReachOptions } from './reach.ts'

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
/** Without doubts, to learn whether they answer at all: between two sweeps after one that was answered, and otherwise. */
const CALM_MS = { answered: 300_000, unanswered: 60_000 }
/** A cadence is stretched by up to this share, so that hosts drift apart. */
const JITTER = 0.1

export interface FollowPeersOptions extends Asking, ReachOptions {
  /** Whether there are peers to ask. */
  readonly isOn: () => boolean
  /** The checks that hold on trouble that may be shared. */
  readonly doubts: () => readonly string[]
  /** Told of each sweep while there are doubts; of undefined once there are none. */
  readonly hear: (sweep: PeerSweep | undefined) => void
  /** The longest time in milliseconds for which a peer may answer from an older finding. */
  readonly freshForMs: () => number
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly logger: Logger
}

export interface FollowedPeers extends Disposable {
  /** Whether the peers answer at all. */
  readonly reach: Omit<Reach, 'heard'>
  /** There are other peers from now on. With `isEdited` some stay, and it is still known that peers can answer. */
  changed(isEdited: boolean): void
}

/**
 * Asks other sidecars whose trouble it is, while this host holds on a shared or a busy `unknown` or its app makes no
 * progress. A peer's answer can make this host leave. It can make it stay only where its app is silent. At other times it
 * asks seldom, and only to learn whether they answer.
 */
export const followPeers = (options: FollowPeersOptions): FollowedPeers => {
  const { isOn, hear, freshForMs, clock, random, logger } = options
  let next: Disposable | undefined
  let isOver = false
  let isDoubting = false
  let sweepAt = clock.now() + DOUBT_MS
  let reach = createReach(options)
  const seldom = createSeldom(clock)

  const sweep = async (checks: readonly string[]): Promise<void> => {
    const asked = reach
    const said = await askSome(options)
    if (isOver || asked !== reach) return
    reach.heard(said)
    if (checks.length === 0) return
    const { known, answers } = said
    hear({ ...said, ...(!reach.hasAnswered && { neverAnswered: true }), at: clock.now() })
    const texts = answers.map(({ peer, answer }) => `${peer} ${answer}`)
    const msg = `peers asked about ${checks.join(', ')}: ${texts.join(', ') || 'there are none'}`
    logger.log('info', { event: 'peers.asked', msg, checks, answers: texts, known })
  }

  const intervalMs = (): number =>
    isDoubting
      ? Math.max(SWEEP_EVERY_MS, freshForMs())
      : CALM_MS[reach.isAnswered === true ? 'answered' : 'unanswered']

  const look = async (): Promise<void> => {
    const doubts = isOn() ? options.doubts() : []
    const now = clock.now()
    if (doubts.length > 0 && !isDoubting) sweepAt = now + DOUBT_MS
    if (doubts.length === 0 && isDoubting) hear(undefined)
    isDoubting = doubts.length > 0
    if (!isOn() || now < sweepAt) return
    sweepAt = now + intervalMs() * (1 + JITTER * random())
    await sweep(doubts)
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
    get reach() {
      return reach
    },
    changed(isEdited) {
      reach = createReach({ ...options, hasAnswered: isEdited && reach.hasAnswered })
      sweepAt = clock.now() + DOUBT_MS
    },
    [Symbol.dispose]() {
      isOver = true
      next?.[Symbol.dispose]()
    },
  }
}
