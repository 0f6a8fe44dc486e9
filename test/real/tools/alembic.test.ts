import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { migrations } from '../../../src/checks/migrations/migrations.ts'
import { createDatabases } from '../../../src/postgres/databases.ts'
import { startPostgres } from '../../support/postgres.ts'

const SEED = Number(process.env['SEED'] ?? 1)
const COUNT = Number(process.env['COUNT'] ?? 100)

t.test(`alembic › agrees with Alembic itself over ${COUNT} random projects, seed ${SEED}`, async t => {
  await using postgres = await startPostgres()
  const directory = await mkdtemp(join(tmpdir(), 'hs-alembic-'))
  t.teardown(() => rm(directory, { recursive: true }))
  const script = join(import.meta.dirname, 'alembic_projects.py')
  const url = postgres.url().replace('postgres:', 'postgresql+psycopg2:')
  const { stdout } = await promisify(execFile)('/usr/bin/python3', [
    script,
    url,
    directory,
    String(SEED),
    String(COUNT),
  ])
  const expected = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as string[])
  t.equal(expected.length, COUNT)

  let passes = 0
  const disagreements: unknown[] = []
  for (const [i, pending] of expected.entries()) {
    await using databases = createDatabases()
    const database = `${postgres.url()}?options=-csearch_path%3Dg${i}`
    const versions = join(directory, String(i), 'versions')
    await using check = migrations.create({ tool: 'alembic', database, directory: versions }, { databases })
    const finding = await check.run(AbortSignal.timeout(5000))
    passes += Number(finding.status === 'pass')
    const agrees =
      pending.length === 0
        ? finding.status === 'pass'
        : finding.status === 'fail' &&
          JSON.stringify(finding.evidence?.['pending']) === JSON.stringify(pending)
    if (!agrees) disagreements.push({ i, pending, finding })
  }
  t.strictSame(disagreements, [])
  t.ok(passes > COUNT / 10 && passes < COUNT * 0.9, `${passes} of ${COUNT} pass`)
})
