/**
 * `fail` is proof that this host is wrong; `unknown` is absence of proof. `warn` passes, and is worth a look.
 * The words are those of draft-inadarei-api-health-check, with `unknown` added.
 */
export type Status = 'pass' | 'warn' | 'fail' | 'unknown'
