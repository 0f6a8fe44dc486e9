import type { Config } from '../config/config.ts'
import { fingerprintOf } from '../config/fingerprint.ts'
import type { FollowedRelease } from './release.ts'
import { codeOf } from '../lib/describe-error.ts'
import { isSameLatch, readBootId, readLatch, writeLatch } from './latch-file.ts'
import type { Latch } from './latch-file.ts'
import type { Logger } from '../log/logger.ts'

/** The persisted fact that this release has passed on this boot. */
export interface KeptLatch {
  /** Whether it was so when the daemon started. */
  readonly latched: boolean
  /** Keeps it for the next start under this configuration. Never rejects; what cannot be written is logged. */
  readonly keep: (config: Config) => Promise<void>
}

/**
 * Looks for the latch of this boot, release and configuration. Without a boot id, or with a release that is configured
 * and cannot be read, nothing can be known to be the same, and there is no latch.
 */
export const openLatch = async (
  config: Config,
  { release, logger }: { readonly release: FollowedRelease; readonly logger: Logger },
): Promise<KeptLatch> => {
  const bootId = await readBootId()

  const latchOf = (inForce: Config): Latch | undefined => {
    const current = release.current()
    if (bootId === undefined || (config.release !== undefined && current === undefined)) return undefined
    return { bootId, configHash: fingerprintOf(inForce), ...(current !== undefined && { release: current }) }
  }

  const reading = await readLatch(config.state_dir)
  if (reading.kind === 'damaged') {
    const msg = `the latch in ${config.state_dir} cannot be used (${reading.why}): the host has to prove itself again`
    logger.log('warn', { event: 'latch.damaged', msg, why: reading.why })
  }
  const expected = latchOf(config)
  const latched = reading.kind === 'latch' && expected !== undefined && isSameLatch(reading.latch, expected)
  if (latched)
    logger.log('info', { event: 'latch.found', msg: 'this release has passed on this boot: serving goes on' })

  const keep = async (inForce: Config): Promise<void> => {
    const latch = latchOf(inForce)
    if (!latch) return
    try {
      await writeLatch(config.state_dir, latch)
    } catch (error) {
      const code = codeOf(error)
      const msg = `the latch cannot be written to ${config.state_dir} (${code ?? 'unknown error'}): after a restart of the sidecar the host has to prove itself again`
      logger.log('warn', { event: 'latch.unwritable', msg, code })
    }
  }
  return { latched, keep }
}
