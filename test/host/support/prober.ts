import { once } from 'node:events'
import { join } from 'node:path'
import type { Host } from './boot-host.ts'

/** What became of all probes. */
export interface Probes {
  readonly sent: number
  /** how many were answered so */
  readonly statuses: Readonly<Record<string, number>>
  /** how many ended so, by the system's code: ECONNREFUSED where nobody listened */
  readonly errors: Readonly<Record<string, number>>
  /** of the slowest, from before it connected until all of its answer was there */
  readonly worstMs: number
}

/** Probes the host, from within its network, so many times a second while something is done to it. */
export const whileProbed = async (
  host: Host,
  {
    perSecond,
    path = '/health',
    doing,
  }: { readonly perSecond: number; readonly path?: string; readonly doing: () => Promise<void> },
): Promise<Probes> => {
  const child = host.inItsNetwork(join(import.meta.dirname, 'prober-process.ts'), [String(perSecond), path])
  await once(child, 'message')
  try {
    await doing()
    const told = once(child, 'message')
    child.send('stop')
    const [probes] = (await told) as [Probes]
    return probes
  } finally {
    const exited = once(child, 'exit')
    child.disconnect()
    await exited
  }
}
