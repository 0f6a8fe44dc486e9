import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'

/** Starts a program that ends with the test, or with this process; answers how to end it sooner. */
export const startProgram = async (
  t: Test,
  command: readonly [string, ...string[]],
): Promise<(signal?: NodeJS.Signals) => Promise<void>> => {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: 'ignore' })
  const exit = once(child, 'exit')
  await once(child, 'spawn')
  t.teardown(() => child.kill('SIGKILL'))
  return async signal => {
    child.kill(signal)
    await exit
  }
}
