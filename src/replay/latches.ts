import type { HistoryRecord, StartRecord } from '../history/record.ts'
import type { Hosts } from './hosts.ts'

/** The fact that a release has passed on a boot. */
interface Latch {
  readonly bootId: string
  readonly release: string | undefined
}

const isOf = (latch: Latch | undefined, { bootId, release }: HistoryRecord): boolean =>
  latch !== undefined && latch.bootId === bootId && latch.release === release

/** What the recorded daemon kept for its next start, and what the other configuration would have kept. */
export class Latches {
  #recorded: (Latch & { readonly configHash: string | undefined }) | undefined
  #others: readonly (Latch | undefined)[] = []

  /** After each record. */
  keep(
    record: HistoryRecord,
    { configHash, hosts }: { readonly configHash: string | undefined; readonly hosts: Hosts | undefined },
  ): void {
    const { bootId, release, startup } = record
    if (bootId === undefined) return
    if (!startup) this.#recorded = { bootId, release, configHash }
    if (hosts)
      this.#others = hosts.areServing.map((isServing, i) =>
        isServing ? { bootId, release } : this.#others[i],
      )
    else this.#others = []
  }

  /**
   * Whether a daemon finds one at its start, for each of the hosts. If nothing is known of the time before, as the
   * recorded daemon did.
   */
  found(record: HistoryRecord & StartRecord): readonly boolean[] {
    const { latched, configHash } = record
    const isExpected = isOf(this.#recorded, record) && this.#recorded?.configHash === configHash
    const asRecorded = [latched, latched]
    if (this.#others.length === 0) return asRecorded
    // the file was lost, or it is of a time that was not recorded
    if (latched !== isExpected) return asRecorded
    return this.#others.map(latch => isOf(latch, record))
  }
}
