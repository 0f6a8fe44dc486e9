import { tlsContradictions } from '../../connect/tls-keys.ts'
import type { CheckKeys, ConfigAround, Contradiction } from '../../core/check.ts'
import { isMapping } from '../../lib/json.ts'

/** What the keys of a smoke check have against each other. */
export const contradictionsOf = (keys: CheckKeys, around: ConfigAround): readonly Contradiction[] => [
  ...ofRelease(keys, around),
  ...ofTls(keys),
  ...ofProxyProtocol(keys),
  ...ofScript(keys),
]

const ofRelease = ({ method, expect }: CheckKeys, { hasRelease }: ConfigAround): readonly Contradiction[] => {
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

const protocolOf = ({ target }: CheckKeys): string | undefined =>
  typeof target === 'string' ? /^(https?|uwsgi|fastcgi)[+:]/.exec(target)?.[1] : undefined

const ofTls = (keys: CheckKeys): readonly Contradiction[] => {
  const { tls } = keys
  if (!isMapping(tls)) return []
  const protocol = protocolOf(keys)
  if (protocol !== undefined && protocol !== 'https')
    return [
      {
        path: ['tls'],
        message: `a target of ${protocol} is not encrypted; write the target as https://host:port or https+unix:/path, or remove tls`,
      },
    ]
  return tlsContradictions(tls)
}

/** uWSGI's manual: `enable-proxy-protocol` is "only for http parsers". php-fpm has no such option. */
const ofProxyProtocol = (keys: CheckKeys): readonly Contradiction[] => {
  const protocol = protocolOf(keys)
  return keys['proxy_protocol'] !== undefined && (protocol === 'uwsgi' || protocol === 'fastcgi')
    ? [
        {
          path: ['proxy_protocol'],
          message: `no server takes the PROXY protocol before ${protocol === 'uwsgi' ? 'uwsgi' : 'FastCGI'}; remove proxy_protocol, or name a target of http or https`,
        },
      ]
    : []
}

const ofScript = (keys: CheckKeys): readonly Contradiction[] => {
  const protocol = protocolOf(keys)
  return keys['script'] !== undefined && protocol !== undefined && protocol !== 'fastcgi'
    ? [
        {
          path: ['script'],
          message: `a script is for FastCGI, and the target is of ${protocol}; write the target as fastcgi+unix:/path or fastcgi://host:port, or remove script`,
        },
      ]
    : []
}
