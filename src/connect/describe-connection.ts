import type { ConnectionFailure } from './connection-failure.ts'
import type { Endpoint } from './endpoint.ts'
import type { ConnectionStage } from './open-connection.ts'

/** What a connection that failed says about this host. */
export interface ConnectionProblem {
  readonly status: 'fail' | 'unknown'
  readonly message: string
}

interface Place {
  readonly endpoint: Endpoint
  /** How messages name the endpoint. It holds no credentials. */
  readonly where: string
}

/** systemd can hide these directories from a service. The socket then looks missing, or not allowed. */
const sandboxHint = (endpoint: Endpoint): string => {
  const path = 'path' in endpoint ? endpoint.path : ''
  if (/^(\/var)?\/tmp\//.test(path))
    return `; if it runs, PrivateTmp= of one of the two units hides its /tmp: set JoinsNamespaceOf=, or move the socket to /run`
  if (/^\/(home|root|run\/user)\//.test(path))
    return `; if it runs, ProtectHome= of health-sidecar's unit hides the path: set ProtectHome=read-only, or move the socket to /run`
  return ''
}

export const describeConnectionFailure = (
  { kind, code }: ConnectionFailure,
  { endpoint, where }: Place,
): ConnectionProblem => {
  switch (kind) {
    case 'missing':
      return {
        status: 'fail',
        message: `there is no socket at ${where}: the app is not running, or listens elsewhere; start it, or correct the path${sandboxHint(endpoint)}`,
      }
    case 'stale':
      return {
        status: 'fail',
        message: `nothing listens on ${where}, but its socket file exists: the app has died and left the file behind; see the app's log and start it`,
      }
    case 'refused':
      return {
        status: 'fail',
        message: `${where} refuses the connection: the app is not running, or listens elsewhere; start it, or correct the address`,
      }
    case 'forbidden':
      return {
        status: 'unknown',
        message: `health-sidecar may not connect to ${where} (${code}): give its user write permission on the socket and search permission on the directories above it: add the group that has them (stat -c %G shows it) to its unit as SupplementaryGroups=, and restart health-sidecar${sandboxHint(endpoint)}`,
      }
    case 'backlog-full':
      return {
        status: 'fail',
        message: `the listen backlog of ${where} is full: the app does not accept requests as fast as they come, or no worker accepts any; add workers, or find what blocks them`,
      }
    case 'hung':
      return {
        status: 'unknown',
        message: `the path of ${where} has not been found in time; its file system may be dead: check the mount`,
      }
    case 'unreachable':
      return {
        status: 'unknown',
        message: `cannot reach ${where} (${code}): check the address, the name resolution and the network of this host`,
      }
  }
}

/** What it means that the time ran out before the connection was open. */
export const describeConnectionTimeout = (
  stage: Exclude<ConnectionStage, 'connected'>,
  { endpoint, where, elapsedMs }: Place & { readonly elapsedMs: number },
): ConnectionProblem => {
  const within = `within ${Math.round(elapsedMs)} ms`
  if (stage === 'resolving')
    return {
      status: 'unknown',
      message: `the name in ${where} was not resolved ${within}: check the DNS servers of this host, or write an IP address`,
    }
  // connect(2) on a Unix socket succeeds or fails at once
  if ('path' in endpoint)
    return {
      status: 'unknown',
      message: `health-sidecar could not connect to ${where} ${within}: this host is short of CPU`,
    }
  return {
    status: 'fail',
    message: `${where} did not accept a connection ${within}: its listen backlog is full, or a firewall drops the packets`,
  }
}
