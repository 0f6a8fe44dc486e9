import type { Random } from '../../support/random.ts'

/** With mean 1. */
export const exponential = (random: Random): number => -Math.log(1 - random.next())

export const between = (random: Random, from: number, to: number): number =>
  from + (to - from) * random.next()

/** As likely between 1 and 2 as between 10 and 20: for what may be small or large by orders of magnitude. */
export const logUniform = (random: Random, from: number, to: number): number =>
  from * (to / from) ** random.next()

/** Standard normal (Box and Muller 1958). */
const normal = (random: Random): number =>
  Math.sqrt(2 * exponential(random)) * Math.cos(2 * Math.PI * random.next())

/** Of so a median and sigma, cut off at both ends. */
export const logNormal = (
  random: Random,
  {
    median,
    sigma,
    from,
    to,
  }: { readonly median: number; readonly sigma: number; readonly from: number; readonly to: number },
): number => Math.min(Math.max(median * Math.exp(sigma * normal(random)), from), to)

/** By relative weights. */
export const weighted = <Item>(
  random: Random,
  items: readonly (readonly [weight: number, item: Item])[],
): Item => {
  let left = random.next() * items.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, item] of items) {
    left -= weight
    if (left < 0) return item
  }
  throw new RangeError('nothing to pick from')
}
