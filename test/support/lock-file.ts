import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Waits until no other process holds the lock of this file, and holds it until it is disposed of. It is given up if this
 * process ends, however that is. Throws if the file cannot be opened.
 */
export const lockFile = async (file: string): Promise<AsyncDisposable> => {
  // it ends with its standard input
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(holder, 'exit')
  const [held] = await Promise.race([once(holder.stdout, 'data'), ended])
  if (!Buffer.isBuffer(held)) throw new Error(`cannot lock ${file}: flock ended with ${held}`)
  return {
    async [Symbol.asyncDispose]() {
      holder.stdin.end()
      await ended
    },
  }
}
