import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface ProjectRequest {
  readonly project: string
  /** Names of the apps' packages, such as `p12.shop`. */
  readonly apps: readonly string[]
  readonly rows: readonly (readonly [app: string, name: string])[]
  /** Sources to be replaced by their bytecode. */
  readonly compile?: readonly string[]
  /** Where to write a manifest, if at all. */
  readonly manifest?: string
}

export interface Loaded {
  readonly found: number
  readonly pending: readonly string[]
  /** Whether a manifest was written. */
  readonly manifest: boolean
}

export type ProjectAnswer =
  | Loaded
  /** The class of the exception by which Django refuses the project. */
  | { readonly raised: string }

/** Django, to be asked what it makes of a project or of a source. Answers come in the order of the questions. */
export interface Oracle extends AsyncDisposable {
  readonly django: string
  readonly python: string
  load(request: ProjectRequest): Promise<ProjectAnswer>
  /** What a source's Migration replaces; null where Python or Django refuses it. */
  read(source: Buffer): Promise<readonly unknown[] | null>
}

/** Debian's, or another that the environment names. */
const PYTHON = process.env['ORACLE_PYTHON'] ?? '/usr/bin/python3'

export const startOracle = async (): Promise<Oracle> => {
  const child = spawn(PYTHON, ['-W', 'ignore', join(import.meta.dirname, 'oracle.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<unknown> => {
    const { done, value } = await lines.next()
    if (done === true) throw new Error('the oracle has ended')
    return JSON.parse(value)
  }
  // one question at a time, so that an answer is that of its question
  let last: Promise<unknown> = Promise.resolve()
  const ask = <Answer>(request: object): Promise<Answer> => {
    const asked = last.then(() => {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      return answer()
    })
    last = asked.catch(() => {})
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- oracle.py says so
    return asked as Promise<Answer>
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- oracle.py says so
  const { django, python } = (await answer()) as { django: string; python: string }
  return {
    django,
    python,
    load: request => ask(request),
    read: source => ask({ read: source.toString('latin1') }),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await exited
    },
  }
}
