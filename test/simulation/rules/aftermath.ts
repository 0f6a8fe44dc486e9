import * as program from '../../../src/core/dependency.ts'
import { settingOf } from './setting.ts'

export * from '../../../src/core/dependency.ts'

/** The program's own aftermath, in intervals of the dependency (core/dependency.ts). */
const OWN_INTERVALS = 4
/** For so many intervals of a dependency its trouble excuses its dependents after it has passed again; 0: not at all. */
const intervals = settingOf(import.meta.url)

/** Time since the recovery passes faster or slower. */
export const attribute: typeof program.attribute = (finding, dependencies, now) => {
  const scaled = (at: number) => now - ((now - at) * OWN_INTERVALS) / intervals
  return program.attribute(
    finding,
    dependencies.map(({ state: { recoveredAt, easedAt, ...state }, policy }) => ({
      state: {
        ...state,
        ...(recoveredAt !== undefined && intervals > 0 && { recoveredAt: scaled(recoveredAt) }),
        ...(easedAt !== undefined && intervals > 0 && { easedAt: scaled(easedAt) }),
      },
      policy,
    })),
    now,
  )
}
