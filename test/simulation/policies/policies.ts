import type { Config } from '../../../src/config/config.ts'
import { article } from './article.ts'
import { djangoHealthCheck } from './django-health-check.ts'
import { gruntwork } from './gruntwork.ts'
import { kamalProxy, kamalProxyHome } from './kamal-proxy.ts'
import { kubernetes } from './kubernetes.ts'
import { loadOurConfig, withPeers } from './our-config.ts'
import { ours } from './ours.ts'
import { withPanic } from './panic.ts'
import type { Policy } from './policy.ts'
import { shallow } from './shallow.ts'
import { strict } from './strict.ts'
import { withoutRules } from './without-rules.ts'
import { sweptValues } from '../sweep/settings.ts'

/** What others do, by their sources. */
const others = (config: Config): readonly Policy[] => [
  article,
  djangoHealthCheck,
  gruntwork,
  kamalProxy,
  kamalProxyHome,
  kubernetes,
  shallow,
  strict(config),
]

/** This program with another value of one setting, by its name in the sweep. */
export const loadSweptPolicy = async (name: string): Promise<Policy | undefined> =>
  sweptValues.get(name)?.create(name, await loadOurConfig())

/** Every policy, by its name. */
export const loadPolicies = async (): Promise<ReadonlyMap<string, Policy>> => {
  const config = await loadOurConfig()
  const all = [
    ours('default', config),
    ours('peers', withPeers(config)),
    withPanic(ours('default', config)),
    ...others(config),
    ...(await Promise.all(withoutRules.map(({ create }) => create(config)))),
  ]
  return new Map(all.map(policy => [policy.name, policy]))
}
