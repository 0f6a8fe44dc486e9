/** Octal, as the kernel writes blanks and backslashes (proc_pid_mountinfo(5)). */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

const isBelow = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`)

/**
 * Whether the file system of a path is read-only for everybody; undefined if the mount is not found. The flag of the file
 * system counts, and not that of the mount: systemd mounts most paths read-only for health-sidecar alone.
 * `mountInfo` is the text of /proc/self/mountinfo, and `realPath` has no symbolic links.
 */
export const isReadOnly = (mountInfo: string, realPath: string): boolean | undefined => {
  const mounts = mountInfo.split('\n').flatMap(line => {
    const [mount = '', fileSystem] = line.split(' - ')
    const at = unescaped(mount.split(' ')[4] ?? '')
    const options = fileSystem?.split(' ')[2]
    return options !== undefined && isBelow(realPath, at) ? [{ at, options }] : []
  })
  // the last mount on a directory hides the ones before
  const mount = mounts.reduce<(typeof mounts)[number] | undefined>(
    (best, next) => (best && best.at.length > next.at.length ? best : next),
    undefined,
  )
  return mount?.options.split(',').includes('ro')
}
