/**
 * A session of a real Postgres, played to the client 100,000 times with one message changed each time; and, for every fifth
 * seed, one with a login by SCRAM-SHA-256. None may end the process, block it, use up its memory, be answered with other rows
 * than the server sent, or be believed without the server's proof.
 * Usage: node test/fuzz/postgres.ts [first seed] [count]
 */
import { PASSWORD, startPostgres } from '../support/postgres.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { recordSession } from '../postgres/support/record-session.ts'
import { replayMutations } from '../postgres/support/replay-mutations.ts'

const COUNT = 100_000
const SCRAM_SHARE = 5
/** Of the whole process, with the server that it plays. */
const MAX_RSS_BYTES = 400 * 1024 * 1024

const [first = Date.now() % 1e9, count = COUNT] = process.argv.slice(2).map(Number)

function* seeds(howMany: number): Generator<number, void, void> {
  for (let seed = first; seed < first + howMany; seed += 1) yield seed
}

const fuzz = async (what: string, options: { readonly howMany: number; readonly password?: string }) => {
  const { howMany, password } = options
  const method = password === undefined ? 'trust' : 'scram-sha-256'
  await using scratch = await createScratchDirectory('hs-fuzz-')
  await using postgres = await startPostgres({ access: `host all all 127.0.0.1/32 ${method}` })
  const recorded = await recordSession(postgres.port, password)
  const startedAt = performance.now()
  const { counts, wrong, slowestMs } = await replayMutations(recorded, {
    directory: scratch.path,
    seeds: seeds(howMany),
  })
  const rss = process.resourceUsage().maxRSS * 1024
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  process.stdout.write(
    `${howMany} ${what} from seed ${first} in ${seconds} s, slowest ${Math.round(slowestMs)} ms, ` +
      `${Math.round(rss / 1024 / 1024)} MiB at most\n${JSON.stringify(counts, undefined, 2)}\n`,
  )
  if (wrong.length > 0) process.stdout.write(`wrong: ${wrong.join(', ')}\n`)
  if (wrong.length > 0 || rss > MAX_RSS_BYTES) process.exitCode = 1
}

await fuzz('sessions', { howMany: count })
await fuzz('logins by SCRAM', { howMany: Math.ceil(count / SCRAM_SHARE), password: PASSWORD })
