/**
 * A session of a real Postgres, played to the client 100,000 times with one message changed each time. None may end the
 * process, block it, use up its memory, or be answered with other rows than the server sent.
 * Usage: node test/fuzz/postgres.ts [first seed] [count]
 */
import { startPostgres } from '../support/postgres.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { recordSession } from '../postgres/support/record-session.ts'
import { replayMutations } from '../postgres/support/replay-mutations.ts'

const COUNT = 100_000
/** Of the whole process, with the server that it plays. */
const MAX_RSS_BYTES = 400 * 1024 * 1024

const [first = Date.now() % 1e9, count = COUNT] = process.argv.slice(2).map(Number)

function* seeds(): Generator<number, void, void> {
  for (let seed = first; seed < first + count; seed += 1) yield seed
}

await using scratch = await createScratchDirectory('hs-fuzz-')
await using postgres = await startPostgres({ access: 'host all all 127.0.0.1/32 trust' })
const recorded = await recordSession(postgres.port)
const startedAt = performance.now()
const { counts, wrong, slowestMs } = await replayMutations(recorded, {
  directory: scratch.path,
  seeds: seeds(),
})
const rss = process.resourceUsage().maxRSS * 1024
const seconds = Math.round((performance.now() - startedAt) / 1000)
process.stdout.write(
  `${count} sessions from seed ${first} in ${seconds} s, slowest ${Math.round(slowestMs)} ms, ` +
    `${Math.round(rss / 1024 / 1024)} MiB at most\n${JSON.stringify(counts, undefined, 2)}\n`,
)
if (wrong.length > 0) process.stdout.write(`wrong: ${wrong.join(', ')}\n`)
if (wrong.length > 0 || rss > MAX_RSS_BYTES) process.exitCode = 1
