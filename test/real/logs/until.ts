import { setTimeout as delay } from 'node:timers/promises'

const LIMIT_MS = 60_000
const POLL_MS = 20

/** Waits until something is so. Throws, with what it is instead, where it is not within a minute. */
export const until = async (
  isSo: () => boolean | Promise<boolean>,
  instead: () => unknown,
): Promise<void> => {
  const giveUpAt = performance.now() + LIMIT_MS
  while (!(await isSo())) {
    if (performance.now() > giveUpAt)
      throw new Error(`not within ${LIMIT_MS} ms: ${JSON.stringify(instead())}`)
    await delay(POLL_MS)
  }
}
