/** Rounds to one decimal, enough for a duration in milliseconds. */
export const toTenths = (value: number): number => Math.round(value * 10) / 10
