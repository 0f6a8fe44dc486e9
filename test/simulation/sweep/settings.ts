import type { Config } from '../../../src/config/config.ts'
import type { EventType } from '../events/event.ts'
import { changeChecks } from '../policies/our-config.ts'
import { ours } from '../policies/ours.ts'
import type { Policy } from '../policies/policy.ts'
import { changes } from '../rules/changes.ts'
import { loadProgram } from '../rules/load-program.ts'
import type { RuleChange } from '../rules/load-program.ts'

/** One value of a setting. */
export interface SettingValue {
  readonly label: string
  readonly isDefault: boolean
  readonly create: (name: string, config: Config) => Promise<Policy>
}

/** A setting of the program, or a constant of its rules, around its default. */
export interface Setting {
  readonly name: string
  /** With the unit of its values. */
  readonly title: string
  /** The events in which it can make a difference. */
  readonly matters: (event: EventType) => boolean
  readonly values: readonly SettingValue[]
}

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS

const configured = <Value>(
  values: readonly (readonly [label: string, value: Value])[],
  { own, change }: { readonly own: Value; readonly change: (config: Config, value: Value) => Config },
): readonly SettingValue[] =>
  values.map(([label, value]) => ({
    label,
    isDefault: value === own,
    create: async (name, config) => ours(name, change(config, value)),
  }))

const wrapped = (
  values: readonly (readonly [label: string, value: number])[],
  { own, change }: { readonly own: number; readonly change: (value: number) => RuleChange },
): readonly SettingValue[] =>
  values.map(([label, value]) => ({
    label,
    isDefault: value === own,
    create: async (name, config) =>
      ours(name, config, value === own ? {} : { program: await loadProgram(change(value)) }),
  }))

const isOfDatabase = ({ name }: EventType): boolean => name.includes('database')
const isRelease = ({ name, kind }: EventType): boolean => kind === 'release' || name === 'good release'
const makesPagesLate = ({ name }: EventType): boolean =>
  /^(overload|stuck workers|slow host|leak|the database is (silent|slow))$/.test(name)

const seconds = (values: readonly number[]) => values.map(value => [`${value}`, value * SECOND_MS] as const)

/** The settings that are swept. */
export const settings: readonly Setting[] = [
  {
    name: 'hold',
    title: 'hold, shared and busy',
    matters: event => isOfDatabase(event) || makesPagesLate(event),
    values: configured<number | 'forever'>(
      [
        ['1m', MINUTE_MS],
        ['5m', 5 * MINUTE_MS],
        ['15m', 15 * MINUTE_MS],
        ['1h', 60 * MINUTE_MS],
        ['forever', 'forever'],
      ],
      {
        own: 'forever',
        change: (config, limit) => ({
          ...config,
          hold: { local: 15 * MINUTE_MS, shared: limit, busy: limit },
        }),
      },
    ),
  },
  {
    name: 'patience',
    title: 'patience, s',
    matters: makesPagesLate,
    values: configured(seconds([5, 10, 20, 30, 60, 120]), {
      own: 30 * SECOND_MS,
      change: (config, patience) => changeChecks(config, { patience }, 'smoke'),
    }),
  },
  {
    name: 'rounds',
    title: 'startup rounds',
    matters: isRelease,
    values: configured(
      [1, 2, 3, 5, 8].map(rounds => [`${rounds}`, rounds] as const),
      {
        own: 5,
        change: (config, rounds) => ({ ...config, startup: { healthy_threshold: rounds } }),
      },
    ),
  },
  {
    name: 'spacing',
    title: 'spacing of rounds, s',
    matters: isRelease,
    values: wrapped(
      [
        ['4', 0.25],
        ['8', 0.5],
        ['15', 1],
        ['30', 2],
      ],
      { own: 1, change: changes.spacing },
    ),
  },
  {
    name: 'aftermath',
    title: 'aftermath, intervals',
    matters: isOfDatabase,
    values: wrapped(
      [0, 1, 2, 4, 8].map(intervals => [`${intervals}`, intervals] as const),
      { own: 4, change: changes.aftermath },
    ),
  },
]

const policyName = (setting: Setting, { label }: SettingValue): string => `${setting.name}=${label}`

/** The values of all settings that are not defaults, by the name of their policy. */
export const sweptValues: ReadonlyMap<string, SettingValue> = new Map(
  settings.flatMap(setting =>
    setting.values
      .filter(({ isDefault }) => !isDefault)
      .map(value => [policyName(setting, value), value] as const),
  ),
)

/** The name of the policy with a value; a default's is that of the program. */
export const policyNameOf = (setting: Setting, value: SettingValue): string =>
  value.isDefault ? 'default' : policyName(setting, value)
