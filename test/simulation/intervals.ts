/** A share with the ends of its confidence interval; undefined without trials. */
export interface Share {
  readonly share: number
  readonly from: number
  readonly to: number
}

/** Two-sided 95 %. */
const Z = 1.959964

/**
 * A share of trials, with Wilson's score interval (E. B. Wilson, "Probable inference, the law of succession, and statistical
 * inference", 1927). It stays inside 0 to 1, and says something even if no trial failed.
 */
export const wilson = (successes: number, trials: number): Share | undefined => {
  if (trials === 0) return undefined
  const share = successes / trials
  const scale = 1 + Z ** 2 / trials
  const middle = (share + Z ** 2 / (2 * trials)) / scale
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / trials + (Z / (2 * trials)) ** 2)
  return { share, from: Math.max(0, middle - half), to: Math.min(1, middle + half) }
}

/** The value below which so large a part of the values lies; undefined without values. */
export const quantile = (values: readonly number[], part: number): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.min(Math.floor(part * values.length), values.length - 1)]
