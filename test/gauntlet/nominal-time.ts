import { setTimeout as delay } from 'node:timers/promises'

/**
 * How much faster than in life everything goes: outages, intervals, time-outs, deadlines and holds alike, so that a
 * scenario is written in the seconds of a real fleet. What the product has no setting for stays as it is: 2 s in which a
 * file that was just written is taken for unfinished, and the 100 ms of grace that a check has after its time-out.
 */
export const SCALE = Number(process.env['GAUNTLET_SCALE'] ?? 4)

/** Milliseconds of this run for seconds of a real fleet. */
export const real = (seconds: number): number => (seconds * 1000) / SCALE

/** Seconds of a real fleet for milliseconds of this run. */
export const nominal = (ms: number): number => (ms * SCALE) / 1000

/** As the configuration writes a duration. */
export const duration = (seconds: number): string => `${Math.round(real(seconds))}ms`

/** Waits for so many seconds of a real fleet. */
export const sleep = (seconds: number): Promise<void> => delay(real(seconds))
