import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../config/config.ts'
import { fingerprintOf } from '../config/fingerprint.ts'
import type { Against } from '../core/host-state.ts'
import type { FollowedRelease } from './release.ts'
import { codeOf } from '../lib/describe-error.ts'
import {
  isSameLatch,
  readBootId,
  readLatch,
  removeLatch,
  UnsafeStateDirectory,
  writeLatch,
} from './latch-file.ts'
import type { Latch, LatchReading } from './latch-file.ts'
import { whyFixedIn, whyOf } from './state-file.ts'
import type { Logger } from '../log/logger.ts'
import type { Clock } from '../monitor/clock.ts'

/** How long after a latch could not be written it is tried again, in milliseconds. */
const RETRY_MS = 30_000

/** The persisted fact that this release has passed on this boot. */
export interface KeptLatch extends AsyncDisposable {
  /** Whether the fact was there when the daemon started. */
  readonly latched: boolean
  /** Whether it says that a peer had answered. */
  readonly peersAnswered: boolean
  /**
   * What was against the host then. In a directory in which nothing can be replaced, the latch may be older than a failure:
   * then each check counts against the host until it passes.
   */
  readonly against: Against
  /** Why the latch is not used, or not written; undefined if nothing is wrong. */
  readonly complaint: string | undefined
  /**
   * Writes it for the next start under this configuration. Never rejects: what cannot be written is logged, and retried
   * until the next call.
   */
  readonly keep: (config: Config, known: Against & { readonly peersAnswered: boolean }) => Promise<void>
  /** Writes what is against the host now beside the fact, if that has changed. Never rejects. */
  readonly note: (against: Against) => Promise<void>
}

export interface LatchOptions {
  readonly release: FollowedRelease
  readonly logger: Logger
  readonly clock: Clock
  /** What tests replace. */
  readonly whyFixed?: typeof whyFixedIn
}

/**
 * Looks for the latch of this boot, release and configuration. Without a boot id, or with a release that is configured
 * and cannot be read, nothing can be known to be the same, and there is no latch. Takes a few seconds at most.
 */
export const openLatch = async (
  config: Config,
  { release, logger, clock, whyFixed = whyFixedIn }: LatchOptions,
): Promise<KeptLatch> => {
  const { state_dir: stateDir } = config
  const bootId = await readBootId()
  let complaint: string | undefined
  let retry: Disposable | undefined
  let disposed = false

  const latchOf = (inForce: Config, peersAnswered = false): Latch | undefined => {
    const current = release.current()
    if (bootId === undefined || (config.release !== undefined && current === undefined)) return undefined
    return {
      bootId,
      configHash: fingerprintOf(inForce),
      ...(current !== undefined && { release: current }),
      ...(peersAnswered && { peersAnswered }),
    }
  }

  const complain = (event: string, msg: string, code?: string): void => {
    if (msg !== complaint) logger.log('warn', { event, msg, ...(code !== undefined && { code }) })
    complaint = msg
  }

  const isUsable = (reading: LatchReading): reading is LatchReading & { kind: 'latch' } => {
    if (reading.kind === 'damaged') {
      const msg = `the latch in ${stateDir} cannot be used (${reading.why}): the host has to prove itself again`
      logger.log('warn', { event: 'latch.damaged', msg, why: reading.why })
    }
    if (reading.kind === 'unsafe') complain('latch.unsafe', unsafe(reading.why))
    return reading.kind === 'latch'
  }

  const reading = await readLatch(stateDir)
  const expected = latchOf(config)
  const latched = isUsable(reading) && expected !== undefined && isSameLatch(reading.latch, expected)
  if (latched)
    logger.log('info', { event: 'latch.found', msg: 'this release has passed on this boot: serving goes on' })

  /** The latch as it is, or is to be. */
  let kept = latched ? reading.latch : undefined
  const fixed = latched ? await whyFixed(stateDir) : undefined
  let writing = Promise.resolve()
  /** The write that waits for the one before it. */
  let waiting: Promise<void> | undefined

  const write = async (): Promise<void> => {
    waiting = undefined
    retry?.[Symbol.dispose]()
    if (!kept) return
    try {
      await writeLatch(stateDir, kept)
      complaint = undefined
    } catch (error) {
      // the latch on the disk says that nothing fails: it would let a failing host pass
      const isOld = kept.failing !== undefined && kept.failing.length > 0 && !(await removeLatch(stateDir))
      if (error instanceof UnsafeStateDirectory) complain('latch.unsafe', unsafe(error.message))
      else complain('latch.unwritable', unwritable(stateDir, { why: whyOf(error), isOld }), codeOf(error))
      retryLater()
    }
  }

  /** Never two writes at once: the last one must be the latest latch. So one that waits is enough. */
  const writeNext = (): Promise<void> => (waiting ??= writing = writing.then(write))

  const retryLater = (): void => {
    if (!disposed) retry = clock.after(RETRY_MS, () => void writeNext())
  }

  if (fixed !== undefined) {
    complain('latch.unwritable', unwritable(stateDir, { why: fixed, isOld: true }))
    retryLater()
  }

  return {
    latched,
    peersAnswered: latched && reading.latch.peersAnswered === true,
    against: foundAgainst(kept, fixed === undefined ? [] : config.checks),
    get complaint() {
      return complaint
    },
    async keep(inForce, { peersAnswered, ...against }) {
      const latch = latchOf(inForce, peersAnswered)
      if (!latch) return
      kept = { ...latch, ...against }
      await writeNext()
    },
    async note(against) {
      if (!kept) return
      // of the release that has passed: another may be on the host by now
      const next = { ...kept, ...against }
      if (isDeepStrictEqual(kept, next)) return
      kept = next
      await writeNext()
    },
    async [Symbol.asyncDispose]() {
      disposed = true
      retry?.[Symbol.dispose]()
      await writing
    },
  }
}

/** What a latch has against the host; each of the checks that it does not name counts against it as well. */
const foundAgainst = (
  { failing = [], silent = [], held = [] }: Partial<Against> = {},
  checks: Config['checks'],
): Against => {
  const names = new Set(failing.map(({ name }) => name))
  const others = checks.filter(
    ({ name, required, gate }) => required && gate === 'always' && !names.has(name),
  )
  return { failing: [...failing, ...others.map(({ name }) => ({ name }))], silent, held }
}

const unwritable = (
  stateDir: string,
  { why, isOld }: { readonly why: string; readonly isOld: boolean },
): string =>
  isOld
    ? `the latch in ${stateDir} can be neither written nor removed (${why}), and may be older than a failure: after a restart of the sidecar each check has to pass before the host serves; make ${stateDir} writable`
    : `the latch cannot be written to ${stateDir} (${why}): after a restart of the sidecar the host has to prove itself again`

const unsafe = (why: string): string =>
  `the latch is not used, as it may be forged: ${why}; until then the host has to prove itself after each restart of the sidecar`
