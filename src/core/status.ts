/**
 * `fail` is proof that this host is wrong; `unknown` is absence of proof. `warn` passes, and is worth a look.
 * The words are those of draft-inadarei-api-health-check, with `unknown` added.
 */
export type Status = 'pass' | 'warn' | 'fail' | 'unknown'

/** Every status, the most severe first. */
export const statuses: readonly Status[] = ['fail', 'unknown', 'warn', 'pass']

/** The most severe of some statuses; `pass` if there are none. */
export const mostSevere = <Some extends Status>(some: readonly Some[]): Some | 'pass' => {
  const has = (status: Status): status is Some => some.some(one => one === status)
  return statuses.find(has) ?? 'pass'
}
