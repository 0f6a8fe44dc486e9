/** The ends of a confidence interval. */
export interface Interval {
  readonly from: number
  readonly to: number
}

/** A share with its interval; undefined without trials. */
export interface Share extends Interval {
  readonly share: number
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

/** Of the mean, at least 0: by the normal approximation. Undefined with less than two values. */
export const meanInterval = (values: readonly number[]): Interval | undefined => {
  const count = values.length
  if (count < 2) return undefined
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1)
  const half = Z * Math.sqrt(variance / count)
  return { from: Math.max(0, mean - half), to: mean + half }
}

/**
 * Of the median, whatever the distribution: how many of the values are below it is binomial, so it lies between two of them.
 * Undefined with so few values that it may lie beyond them.
 */
export const medianInterval = (values: readonly number[]): Interval | undefined => {
  const sorted = values.toSorted((a, b) => a - b)
  const half = (Z * Math.sqrt(sorted.length)) / 2
  const from = sorted[Math.floor(sorted.length / 2 - half) - 1]
  const to = sorted[Math.ceil(sorted.length / 2 + half)]
  return from === undefined || to === undefined ? undefined : { from, to }
}
