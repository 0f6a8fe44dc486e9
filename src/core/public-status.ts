import type { CheckVerdict, Verdict } from './verdict.ts'

/** Whether a check only remarks on this host, as an env check does on a variable that is not exported. */
const isRemark = ({ effect, finding }: CheckVerdict): boolean =>
  effect === 'pass' || (finding.status === 'warn' && finding.cause === undefined)

/**
 * What the public answer says of a verdict. Peers read it: `warn` means that this host sees trouble that others may see
 * too. So a warning that is only a remark on this host is a `pass` there. Otherwise, a remark
 * that lasts on every host would leave no peer as a witness.
 */
export const publicStatus = ({ status, checks }: Verdict): Verdict['status'] =>
  status === 'warn' && checks.every(isRemark) ? 'pass' : status
