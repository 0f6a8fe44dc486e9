import type { InstanceMetadata } from '../connect/instance-metadata.ts'
import type { Logger } from '../log/logger.ts'
import type { Clock } from '../monitor/clock.ts'
import type { LifecycleDocument } from '../status/status-document.ts'
import type { Drains } from './drains.ts'
import { readBootId } from './latch-file.ts'
import { readKeptNotices, removeKeptNotices, writeKeptNotices } from './notice-file.ts'
import { adviceOf, afterLook, drainReasonOf, knownAs, lookIn, noticePaths } from './notices.ts'
import type { Look } from './notices.ts'
import { whyOf } from './state-file.ts'

/** EC2 gives two minutes' notice of an interruption, and advises a look each 5 s. */
const LOOK_EVERY_MS = 5000
/** The same while the service has never answered: this may be no EC2 instance. */
const SELDOM_MS = 60_000
/** A service that has answered before may have a hiccup. It is told of after so many looks without an answer. */
const TOLD_AFTER_LOOKS = 3

export interface NoticesOptions {
  /** Whether the configuration in force asks for it. */
  readonly isOn: () => boolean
  readonly metadata: InstanceMetadata
  readonly stateDir: string
  readonly drains: Pick<Drains, 'byNotice'>
  readonly clock: Clock
  readonly logger: Logger
}

/** Follows what EC2 and the scaling group have in store for this instance. */
export interface FollowedNotices extends Disposable {
  /** What is known; undefined if nothing is. */
  readonly document: LifecycleDocument | undefined
  /** What an operator should know. */
  readonly notes: readonly string[]
  /** Looks now, and goes on. Resolves once the first look is over, which takes a second or two at most. */
  start(): Promise<void>
}

/**
 * Asks the instance metadata service, which takes no IAM rights. A spot interruption, and the group's wish to terminate
 * this instance, drain the host until they are withdrawn. The drain outlives a restart of the program.
 */
export const followNotices = (options: NoticesOptions): FollowedNotices => {
  const { isOn, metadata, stateDir, drains, clock, logger } = options
  let known = knownAs({})
  let drain: { readonly reason: string; readonly since: Date } | undefined
  /** Why no answer can be used, and for how many looks in a row. */
  let silence: { readonly why: string; readonly looks: number } | undefined
  let isToldOfSilence = false
  let hasAnswered = false
  let told: readonly string[] = []
  let bootId: string | undefined
  let next: Disposable | undefined
  let isOver = false
  let keeping: Promise<void> = Promise.resolve()
  const stop = new AbortController()

  /** Keeps what is so when its turn comes. */
  const write = async (): Promise<void> => {
    if (bootId === undefined) return
    try {
      await (drain
        ? writeKeptNotices(stateDir, { bootId, since: drain.since, notices: known.notices })
        : removeKeptNotices(stateDir))
    } catch (error) {
      const msg = `the lifecycle notice cannot be kept in ${stateDir} (${whyOf(error)}); a restart of the sidecar has to find it again`
      logger.log('warn', { event: 'lifecycle.unwritable', msg })
    }
  }

  /** For the next start of the program. No look waits for the file. */
  const keep = (): void => {
    keeping = keeping.then(write)
  }

  const follow = (since = clock.date()): void => {
    const reason = drainReasonOf(known.notices)
    if (reason === drain?.reason) return
    drain = reason === undefined ? undefined : { reason, since: drain?.since ?? since }
    drains.byNotice(reason === undefined ? undefined : { reason })
    if (reason !== undefined)
      logger.log('warn', { event: 'lifecycle.drain', msg: `503 from now on: ${reason}`, reason })
    else logger.log('info', { event: 'lifecycle.withdrawn', msg: 'the notice is withdrawn: its drain ends' })
  }

  const advise = (): void => {
    const advice = adviceOf(known.notices)
    for (const msg of advice) if (!told.includes(msg)) logger.log('warn', { event: 'lifecycle.notice', msg })
    told = advice
  }

  /** One line when it begins, and one when it ends. */
  const tellOfSilence = (why: string | undefined): void => {
    silence = why === undefined ? undefined : { why, looks: (silence?.looks ?? 0) + 1 }
    if (isToldOfSilence && !silence) {
      isToldOfSilence = false
      const msg = 'the instance metadata service answers: lifecycle notices are followed'
      return logger.log('info', { event: 'lifecycle.available', msg })
    }
    if (isToldOfSilence || !silence || (hasAnswered && silence.looks < TOLD_AFTER_LOOKS)) return
    isToldOfSilence = true
    logger.log('warn', { event: 'lifecycle.unavailable', msg: silenceText(silence.why) })
  }

  const ask = async (): Promise<Look> => {
    const [spot, rebalance, targetState] = await Promise.all([
      metadata.get(noticePaths.spot, stop.signal),
      metadata.get(noticePaths.rebalance, stop.signal),
      metadata.get(noticePaths.targetState, stop.signal),
    ])
    return lookIn({ spot, rebalance, targetState })
  }

  const look = async (): Promise<void> => {
    const found = await ask()
    if (isOver || !isOn()) return
    const before = drain
    known = afterLook(known, found)
    const seen = [found.spot, found.rebalance, found.targetState]
    hasAnswered ||= seen.some(({ kind }) => kind !== 'unknown')
    tellOfSilence(seen.flatMap(one => (one.kind === 'unknown' ? [one.why] : []))[0])
    follow()
    advise()
    if (drain !== before) keep()
  }

  /** It was turned off. */
  const forget = (): void => {
    const before = drain
    known = knownAs({})
    silence = undefined
    isToldOfSilence = false
    told = []
    follow()
    if (before) keep()
  }

  const repeat = async (): Promise<void> => {
    if (isOn()) await look()
    else forget()
    if (isOver) return
    const pauseMs = isOn() && !hasAnswered ? SELDOM_MS : LOOK_EVERY_MS
    next = clock.after(pauseMs, () => void repeat())
  }

  return {
    get document() {
      const { notices } = known
      if (Object.keys(notices).length === 0) return undefined
      return { ...notices, ...(drain && { drainedSince: drain.since.toISOString(), reason: drain.reason }) }
    },
    get notes() {
      return [...(isToldOfSilence && silence ? [silenceText(silence.why)] : []), ...adviceOf(known.notices)]
    },
    async start() {
      bootId = await readBootId()
      const found = bootId === undefined ? undefined : await readKeptNotices(stateDir, bootId)
      const kept = isOn() ? found : undefined
      // it was turned off before this start
      if (found && !kept) keep()
      if (kept) known = knownAs(kept.notices)
      // this is EC2, even if the service is silent now
      hasAnswered = kept !== undefined
      follow(kept?.since)
      await repeat()
    },
    [Symbol.dispose]() {
      isOver = true
      stop.abort()
      next?.[Symbol.dispose]()
    },
  }
}

const silenceText = (why: string): string =>
  `no lifecycle notices can be seen: the instance metadata service ${why}`
