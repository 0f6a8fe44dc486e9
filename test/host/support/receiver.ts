import { once } from 'node:events'
import { join } from 'node:path'
import type { Host } from './boot-host.ts'
import { eventually } from './eventually.ts'

/** A line of the sidecar's log, as the aggregator has it. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string }

/** Where the logs of the host are shipped to: a TCP receiver in its network. */
export interface Receiver extends AsyncDisposable {
  /** Every line that has arrived and is the sidecar's. */
  readonly lines: readonly LogLine[]
  /** Lines that are no JSON object, which there should never be. */
  readonly damaged: readonly string[]
  /** The first line from `since` on (a number of lines) that is like this; waits for it. */
  waitFor(like: Readonly<Record<string, unknown>>, options?: { readonly since?: number }): Promise<LogLine>
}

export const startReceiver = async (host: Host, port: number): Promise<Receiver> => {
  const lines: LogLine[] = []
  const damaged: string[] = []
  const child = host.inItsNetwork(join(import.meta.dirname, 'receiver-process.ts'), [String(port)])
  child.on('message', ({ line }: { readonly line?: string }) => {
    if (line === undefined) return
    try {
      lines.push(JSON.parse(line))
    } catch {
      damaged.push(line)
    }
  })
  await once(child, 'message')
  return {
    lines,
    damaged,
    async waitFor(like, { since = 0 } = {}) {
      const isLike = (line: LogLine) =>
        Object.entries(like).every(([member, value]) => line[member] === value)
      await eventually(() => lines.slice(since), {
        what: `a line with ${JSON.stringify(like)} at the receiver`,
        isReached: known => known.some(isLike),
      })
      return lines.slice(since).find(isLike) as LogLine
    },
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}
