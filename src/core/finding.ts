export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/** What a finding rests on: names, counts, paths. Never the value of a variable, a password or a header. */
export type Evidence = { readonly [key: string]: Json | undefined }

/** One answer of a check. A failing subject is a result; a throw means that the check itself broke. */
export type Finding<Reason extends string = string> = Pass | Problem<Reason>

export interface Pass {
  readonly status: 'pass'
  readonly evidence?: Evidence
}

export interface Problem<Reason extends string = string> {
  readonly status: 'warn' | 'fail' | 'unknown'
  /** One of a closed list: core/reason.ts has the general ones, and each check type its own. */
  readonly reason: Reason
  /** A sentence for an operator: what is wrong and, where it can be known, what to do. */
  readonly message: string
  readonly evidence?: Evidence
}
