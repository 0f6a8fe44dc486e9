import type { CheckKeys, ConfigAround, Contradiction } from '../../core/check.ts'
import { isMapping } from '../../lib/json.ts'

/** What the keys of a smoke check have against each other. */
export const contradictionsOf = (keys: CheckKeys, { hasRelease }: ConfigAround): readonly Contradiction[] => {
  const { method, expect } = keys
  const release = isMapping(expect) ? expect['release'] : undefined
  if (release === undefined) return []
  const path = ['expect', 'release']
  if (!hasRelease)
    return [
      {
        path,
        message:
          'there is no release to expect; set the key release to what tells the release on the host, such as file:/srv/app/RELEASE',
      },
    ]
  return release === 'body' && method === 'HEAD'
    ? [{ path, message: 'HEAD brings no page that could name its release; use GET, or expect header:NAME' }]
    : []
}
