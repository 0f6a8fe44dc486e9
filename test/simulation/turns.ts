/**
 * `lib/deadline.ts` reads answers that have arrived before it calls them late: it waits for two turns of Node's event loop.
 * Simulated time must stand still meanwhile, so those turns are counted.
 */
const realSetImmediate = globalThis.setImmediate
const turns = { waiting: 0 }

/** Counts what waits for a turn of the event loop, from now on. */
export const countTurns = (): void => {
  const counted = (callback: (...args: unknown[]) => void, ...args: unknown[]) => {
    turns.waiting += 1
    return realSetImmediate(() => {
      turns.waiting -= 1
      callback(...args)
    })
  }
  Object.assign(globalThis, { setImmediate: counted })
}

const turn = (): Promise<void> => new Promise(resolve => void realSetImmediate(resolve))

/** Node runs a tick that a promise asked for once no promise is left to settle. It costs much less than a turn. */
const tick = (): Promise<void> => new Promise(resolve => queueMicrotask(() => process.nextTick(resolve)))

/** Lets everything happen that takes no simulated time: promises settle, and turns that are waited for pass. */
export const settle = async (): Promise<void> => {
  await tick()
  while (turns.waiting > 0) await turn()
}
