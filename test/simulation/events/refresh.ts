import { MINUTE, SECOND } from './event.ts'
import type { Scene } from './event.ts'

/** A refresh gives up on a new host that is not in service by then. */
export const REFRESH_PATIENCE_MS = 15 * MINUTE
/** New hosts bake for so long before the next batch. */
const BAKE_MS = MINUTE
/** What a deployment brings. */
export const NEXT_RELEASE = 'r2'

/** An instance refresh: batch after batch, new hosts are launched, and old ones leave once the new ones are in service. */
export const refresh = (scene: Scene, { batch }: { readonly batch: number }): void => {
  const { fleet, ledger, simulation } = scene
  const old = [...fleet.hosts]
  const nextBatch = () => {
    const leaving = old.splice(0, batch).filter(host => fleet.hosts.includes(host))
    if (leaving.length === 0) return
    const arriving = leaving.map(() => fleet.launch())
    for (const { disk } of arriving) disk.release = NEXT_RELEASE
    const since = simulation.now()
    const watch = simulation.every(5 * SECOND, () => {
      const isReady = arriving.every(host => fleet.isInService(host))
      if (!isReady && simulation.now() - since < REFRESH_PATIENCE_MS) return
      watch[Symbol.dispose]()
      if (!isReady) return ledger.tell('the instance refresh gives up: a new host is not in service')
      simulation.after(BAKE_MS, () => {
        for (const host of leaving) if (fleet.hosts.includes(host)) fleet.retire(host)
        nextBatch()
      })
    })
  }
  nextBatch()
}
