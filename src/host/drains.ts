import type { Drain } from '../core/lifecycle.ts'
import type { Monitor } from '../monitor/monitor.ts'

/** All that can take this host out of service. Each ends its own drain alone. */
export interface Drains {
  /** An operator's drain; undefined ends it. */
  byOperator(drain: Drain | undefined): void
  /** A drain for a notice of EC2 or of the scaling group; undefined ends it. */
  byNotice(drain: Drain | undefined): void
}

/** The host stays out for as long as anybody has a reason. */
export const createDrains = (monitor: () => Pick<Monitor, 'drain' | 'resume'>): Drains => {
  let operator: Drain | undefined
  let notice: Drain | undefined

  const apply = (): void => {
    const reasons = [operator, notice].flatMap(drain => drain?.reason ?? [])
    if (operator && !notice) monitor().drain(operator)
    else if (reasons.length > 0) monitor().drain({ reason: reasons.join('; ') })
    else monitor().resume()
  }
  return {
    byOperator(drain) {
      operator = drain
      apply()
    },
    byNotice(drain) {
      notice = drain
      apply()
    },
  }
}
