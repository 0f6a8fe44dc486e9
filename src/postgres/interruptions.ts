/** Notices for one check that a kept connection was cut since its last answer. */
export interface Interruptions {
  /** Takes the count of an answer; returns whether it has grown since the last one. */
  notice(cuts: number): boolean
}

/** Each check has its own, because the first check that asks after a restart must not hide it from the others. */
export const createInterruptions = (): Interruptions => {
  let seen = 0
  return {
    notice: cuts => {
      const isNew = cuts > seen
      seen = cuts
      return isNew
    },
  }
}
