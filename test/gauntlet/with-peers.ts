import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stage } from './stage.ts'

/** A configuration with the other hosts of the fleet as its peers. */
export const withPeers = (text: string): string =>
  text.replace(/^release: file:(.*)\/RELEASE$/m, '$&\npeers: file:$1/peers')

/** Tells every host of the others. */
export const writePeers = async ({ hosts }: Stage): Promise<void> => {
  for (const host of hosts) {
    const others = hosts.filter(other => other !== host).map(({ address }) => `${address}\n`)
    await writeFile(join(host.directory, 'peers'), others.join(''))
  }
}
