/**
 * Reasons that any check can give for a finding that is not a pass. Each check type declares its own beside its checks;
 * all of them together are a closed list (checks/registry.ts). Alerts and runbooks rely on it, and docs/reasons.md says
 * what each means and what to do.
 */
export const generalReasons = [
  'CHECK_NEVER_RAN',
  'CHECK_BROKE',
  'CHECK_TIMED_OUT',
  'CHECK_OVERRAN',
  'DEADLINE_EXCEEDED',
  'DEPENDENCY_NOT_PASSING',
  'FINDING_EXPIRED',
  'PEERS_DO_NOT_SEE_IT',
  'PEERS_MAY_SEE_IT',
] as const

export type GeneralReason = (typeof generalReasons)[number]
