import * as program from '../../../src/monitor/attribute-failure.ts'
import type { WatchedCheck } from '../../../src/monitor/watched-check.ts'

/** Dependencies are rechecked, but through the connection that is kept, and not by a fresh login. */
const withoutFreshLook = (check: WatchedCheck): WatchedCheck =>
  new Proxy(check, {
    get(target, key) {
      if (key === 'runSince')
        return (since: number, options: { readonly spacingMs?: number }) =>
          target.runSince(since, { ...options, fresh: false })
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

export const attributeFailure: typeof program.attributeFailure = (found, dependencies, options) =>
  program.attributeFailure(found, dependencies.map(withoutFreshLook), options)
