export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/** What a finding rests on: names, counts, paths. Never the value of a variable, a password or a header. */
export type Evidence = { readonly [key: string]: Json | undefined }

/** One result of a check. A failing subject is a result; a throw means that the check itself broke. */
export type Finding<Reason extends string = string> = Pass | Problem<Reason>

export interface Pass {
  readonly status: 'pass'
  /** The subject was in trouble since the last finding, and is well again: a database that closed a kept connection. */
  readonly interrupted?: true
  readonly evidence?: Evidence
}

export const causes = ['shared', 'busy', 'local'] as const

/**
 * Why nothing is known. It decides for how long an `unknown` may hold.
 * - `shared`: something that all hosts use is in trouble. To replace hosts mends nothing.
 * - `busy`: the app is slow but makes progress. To replace the host moves its load to the others.
 * - `local`: the sidecar could not look.
 */
export type Cause = (typeof causes)[number]

export interface Problem<Reason extends string = string> {
  readonly status: 'warn' | 'fail' | 'unknown'
  /** One of a closed list: core/reason.ts has the general ones, and each check type its own. */
  readonly reason: Reason
  /**
   * Of an `unknown`; `local` if absent. Of a `warn`: trouble that other hosts may have too; absent if it concerns this
   * host alone.
   */
  readonly cause?: Cause
  /**
   * For how many milliseconds the app has given no expected answer to what it was asked. A `fail` that has it rests on this
   * lack of progress alone. Of an `unknown`, it may be 0.
   */
  readonly silentForMs?: number
  /**
   * Of a `fail`: its request was sent before any such failure was seen, so what it met may be over. One that is sent later
   * will show.
   */
  readonly mayBeOver?: true
  /** Of an `unknown`: there is progress, which refutes such a failure. */
  readonly progress?: true
  /**
   * Of a shared `unknown`: what all hosts share says itself that it has no room for anybody. Hosts that pass use what
   * they got before, so peers that pass prove nothing.
   */
  readonly isEverybodys?: true
  /** Of a `warn`: as in a pass. */
  readonly interrupted?: true
  /** A sentence for an operator: what is wrong and, where it can be known, what to do. */
  readonly message: string
  readonly evidence?: Evidence
}
