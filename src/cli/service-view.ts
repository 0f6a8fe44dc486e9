import { specified, unknownSpecifiers } from './specifiers.ts'
import type { UnitNames } from './specifiers.ts'

/** What a unit's settings let its processes see and do. All others say when and how they run. */
const SEEN_BY = [
  /^(User|Group|SupplementaryGroups|DynamicUser|UMask|WorkingDirectory|KeyringMode|LockPersonality|SecureBits)$/,
  /^(Environment|EnvironmentFile|PassEnvironment|UnsetEnvironment|LoadCredential\w*|SetCredential\w*)$/,
  /^(RootDirectory|RootImage|Bind(ReadOnly)?Paths|TemporaryFileSystem|\w+(Only|Write|accessible|Exec)Paths)$/,
  /^(Protect\w+|Private\w+|ProcSubset|JoinsNamespaceOf|NetworkNamespacePath|IPAddress\w+|SocketBind\w+)$/,
  /^(Restrict(AddressFamilies|Namespaces|Realtime|SUIDSGID|FileSystems)|SystemCall\w+|NoNewPrivileges)$/,
  /^(AmbientCapabilities|CapabilityBoundingSet|MemoryDenyWriteExecute|Device\w+|RemoveIPC)$/,
]

/** How a service looks at its host. */
export interface ServiceView {
  /** Settings of its unit, its drop-ins included, in their order: `User=health-sidecar`. */
  readonly settings: readonly string[]
  /** What it runs, in words. */
  readonly command: readonly string[]
  /** Specifiers that nobody replaces here, so that the view is not the service's: `%q in Environment=`. */
  readonly unknown: readonly string[]
}

/** Reads a unit as `systemctl cat` prints it. Undefined if it runs nothing. */
export const serviceView = (text: string, names: UnitNames): ServiceView | undefined => {
  const assignments = text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .flatMap(line => {
      const [, key, value = ''] = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
      return key === undefined ? [] : [{ key, value }]
    })
  const started = assignments.findLast(({ key, value }) => key === 'ExecStart' && value !== '')
  if (!started) return undefined
  const settings = assignments.filter(({ key }) => SEEN_BY.some(pattern => pattern.test(key)))
  return {
    settings: settings.map(({ key, value }) => `${key}=${specified(value, names)}`),
    command: specified(started.value, names)
      .replace(/^[-@:+!]+/, '')
      .split(/\s+/),
    unknown: [...settings, started].flatMap(({ key, value }) =>
      unknownSpecifiers(value).map(specifier => `${specifier} in ${key}=`),
    ),
  }
}
