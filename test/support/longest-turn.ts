/**
 * The most CPU, in milliseconds, that this thread used between two turns of its event loop while `work` ran: how long
 * everything else had to wait. Other load on the machine does not change it.
 */
export const longestTurnOf = async (work: () => Promise<unknown>): Promise<number> => {
  let longestMs = 0
  let isDone = false
  let last = process.threadCpuUsage()
  const measure = (): void => {
    const { user, system } = process.threadCpuUsage(last)
    longestMs = Math.max(longestMs, (user + system) / 1000)
    last = process.threadCpuUsage()
    if (!isDone) setImmediate(measure)
  }
  setImmediate(measure)
  await work()
  isDone = true
  measure()
  return longestMs
}
