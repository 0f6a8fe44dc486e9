/**
 * Milliseconds of CPU that synchronous work takes on this thread: how long it holds up everything else. Other load on the
 * machine does not change it.
 */
export const cpuMsOf = (work: () => unknown): number => {
  const { user, system } = process.threadCpuUsage()
  work()
  const after = process.threadCpuUsage({ user, system })
  return (after.user + after.system) / 1000
}
