import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { readAlembicScript } from '../../../src/checks/migrations/tools/alembic-script.ts'

const SEED = Number(process.env['SEED'] ?? 1)
const COUNT = Number(process.env['COUNT'] ?? 20_000)

interface Mutant {
  readonly text: string
  /** As Python finds it, where the script still runs. */
  readonly revision?: unknown
  readonly parents?: readonly unknown[]
}

t.test(
  `alembic › of ${COUNT} damaged scripts, seed ${SEED}, none is read as more than Python finds in it`,
  async t => {
    const script = join(import.meta.dirname, 'alembic_mutants.py')
    const options = { maxBuffer: 1 << 28 }
    const { stdout } = await promisify(execFile)(
      '/usr/bin/python3',
      [script, String(SEED), String(COUNT)],
      options,
    )
    const mutants = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Mutant)
    t.equal(mutants.length, COUNT)

    let compared = 0
    let slowestMs = 0
    const wrong: unknown[] = []
    for (const { text, revision, parents } of mutants) {
      const startedAt = performance.now()
      const read = readAlembicScript(Buffer.from(text))
      slowestMs = Math.max(slowestMs, performance.now() - startedAt)
      if (!read.ok || !parents) continue
      compared += 1
      // a parent that is overlooked can only make more pending, never less
      if (read.script.key !== revision || !read.script.parents.every(parent => parents.includes(parent)))
        wrong.push({ text, read })
    }
    t.strictSame(wrong, [])
    t.ok(compared > COUNT / 10, `${compared} compared`)
    t.ok(slowestMs < 500, `the slowest took ${slowestMs} ms`)
  },
)
