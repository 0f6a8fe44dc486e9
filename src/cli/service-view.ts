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
}

/** Of systemd.unit(5), those that stand in the units of health-sidecar, or are likely in a drop-in. */
const specified = (text: string, unit: string): string => {
  const name = unit.replace(/\.service$/, '')
  const [prefix = '', instance = ''] = name.split('@')
  const values: Readonly<Record<string, string>> = { N: name, n: unit, p: prefix, i: instance, '%': '%' }
  return text.replaceAll(/%([Nnpi%])/g, (whole, letter: string) => values[letter] ?? whole)
}

/** Reads a unit as `systemctl cat` prints it. Undefined if it runs nothing. */
export const serviceView = (text: string, unit: string): ServiceView | undefined => {
  const assignments = text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .flatMap(line => {
      const [, key, value = ''] = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
      return key === undefined ? [] : [{ key, value: specified(value, unit) }]
    })
  const started = assignments.findLast(({ key, value }) => key === 'ExecStart' && value !== '')
  if (!started) return undefined
  const settings = assignments.filter(({ key }) => SEEN_BY.some(pattern => pattern.test(key)))
  return {
    settings: settings.map(({ key, value }) => `${key}=${value}`),
    command: started.value.replace(/^[-@:+!]+/, '').split(/\s+/),
  }
}
