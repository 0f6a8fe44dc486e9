import type { QueryResultRow } from 'pg'
import type { Problem } from '../../../src/core/finding.ts'
import type { Databases } from '../../../src/postgres/databases.ts'
import type { QueryAnswer } from '../../../src/postgres/query.ts'

/** What a fake database holds: a migrations table, none, or trouble. */
export type Contents =
  | { readonly rows: readonly (readonly [app: string, name: string])[]; readonly standby?: boolean }
  | { readonly table: 'absent' }
  | { readonly problem: Problem }
  /** Does not answer; it is called when it is asked. */
  | { readonly hangs: () => void }

export interface FakeDatabases extends Databases {
  contents: Contents
  /** The queries asked since it was made. */
  readonly asked: string[]
}

/** Answers the two queries that a migrations table is asked, from what it is given to hold. */
export const fakeDatabases = (initial: Contents): FakeDatabases => {
  const answer = async (text: string, signal: AbortSignal) => {
    const { contents } = fake
    if ('hangs' in contents) {
      const aborted = new Promise(resolve => signal.addEventListener('abort', resolve))
      contents.hangs()
      await aborted
      const problem: Problem = { status: 'unknown', reason: 'DATABASE_TIMED_OUT', message: 'no answer' }
      return { ok: false as const, problem }
    }
    if ('problem' in contents) return { ok: false as const, problem: contents.problem }
    if (text.includes('to_regclass')) return { ok: true as const, rows: [{ present: 'rows' in contents }] }
    if (!('rows' in contents)) {
      const problem: Problem = { status: 'unknown', reason: 'DATABASE_ERROR', message: '42P01' }
      return { ok: false as const, problem }
    }
    const standby = contents.standby ?? false
    return { ok: true as const, rows: contents.rows.map(([app, name]) => ({ app, name, standby })) }
  }
  const fake: FakeDatabases = {
    contents: initial,
    asked: [],
    query: async <Row extends QueryResultRow>(
      _source: unknown,
      { text, signal }: { readonly text: string; readonly signal: AbortSignal },
    ): Promise<QueryAnswer<Row>> => {
      fake.asked.push(text)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller names the row, as with a real one
      return (await answer(text, signal)) as QueryAnswer<unknown> as QueryAnswer<Row>
    },
    [Symbol.asyncDispose]: async () => {},
  }
  return fake
}
