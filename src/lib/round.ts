/** Rounds to one decimal: as precise as a duration in milliseconds is worth showing. */
export const toTenths = (value: number): number => Math.round(value * 10) / 10
