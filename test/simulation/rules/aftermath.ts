import * as program from '../../../src/core/dependency.ts'
import { settingOf } from './setting.ts'

export * from '../../../src/core/dependency.ts'

/** The program's own aftermath, in intervals of the dependency (core/dependency.ts). */
const OWN_INTERVALS = 4
/** For so many intervals of a dependency its trouble excuses its dependents after it has passed again; 0: not at all. */
const intervals = settingOf(import.meta.url)

/** Time since the recovery passes faster or slower. */
export const attribute: typeof program.attribute = (finding, dependencies, now) =>
  program.attribute(
    finding,
    dependencies.map(({ state: { recoveredAt, ...state }, policy }) =>
      recoveredAt === undefined || intervals === 0
        ? { state, policy }
        : {
            state: { ...state, recoveredAt: now - ((now - recoveredAt) * OWN_INTERVALS) / intervals },
            policy,
          },
    ),
    now,
  )
