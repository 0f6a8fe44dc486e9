import { setTimeout as delay } from 'node:timers/promises'
import { ManualClock, settlePromises } from '../support/manual-clock.ts'

/** A clock that goes as fast as what it drives: it stands still while something really happens. */
export const createDrivenClock = (isBusy: () => boolean): ManualClock =>
  new ManualClock(async () => {
    do {
      await settlePromises()
      if (isBusy()) await delay(1)
    } while (isBusy())
  })
