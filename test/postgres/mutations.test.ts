import t from 'tap'
import { PASSWORD, startPostgres } from '../support/postgres.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { recordSession } from './support/record-session.ts'
import { replayMutations } from './support/replay-mutations.ts'

/** Seeds that once found something; `npm run fuzz:postgres` prints those that do. */
const KEPT_SEEDS: readonly number[] = []
const SEEDS = 3000
const SCRAM_SEEDS = 300

function* seeds(): Generator<number, void, void> {
  yield* KEPT_SEEDS
  for (let seed = 1; seed <= SEEDS; seed += 1) yield seed
}

t.test(`mutations › none of ${SEEDS} changed sessions is a wrong answer or an exception`, async t => {
  await using scratch = await createScratchDirectory('hs-mutate-')
  await using postgres = await startPostgres({ access: 'host all all 127.0.0.1/32 trust' })
  const recorded = await recordSession(postgres.port)
  t.equal(recorded.exchanges.length, 4, 'login, begin, query, commit')
  const { counts, wrong } = await replayMutations(recorded, { directory: scratch.path, seeds: seeds() })
  t.strictSame(wrong, [])
  t.ok((counts['DATABASE_ANSWER_INVALID'] ?? 0) > SEEDS / 4, JSON.stringify(counts))
  t.ok((counts['ok'] ?? 0) > 0, 'and some are harmless')
})

t.test('mutations › no changed login by SCRAM is believed without the proof of the server', async t => {
  await using scratch = await createScratchDirectory('hs-mutate-')
  await using postgres = await startPostgres({ access: 'host all all 127.0.0.1/32 scram-sha-256' })
  const recorded = await recordSession(postgres.port, PASSWORD)
  t.equal(recorded.exchanges.length, 6, 'methods, challenge, proof, begin, query, commit')
  const some = [...seeds()].slice(0, SCRAM_SEEDS)
  const { counts, wrong } = await replayMutations(recorded, { directory: scratch.path, seeds: some })
  t.strictSame(wrong, [])
  t.ok((counts['ok'] ?? 0) > 0, JSON.stringify(counts))
})
