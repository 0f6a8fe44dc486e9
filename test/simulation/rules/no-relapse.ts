import * as program from '../../../src/core/lifecycle.ts'

export * from '../../../src/core/lifecycle.ts'

/** The rounds start over, and no more of them are needed than at first. */
export const afterFailure: typeof program.afterFailure = (life, healthyThreshold) => ({
  ...program.afterFailure(life, healthyThreshold),
  needed: healthyThreshold,
})

export const afterRound: typeof program.afterRound = (life, round) =>
  round.passed ? program.afterRound(life, round) : afterFailure(life, round.healthyThreshold)
