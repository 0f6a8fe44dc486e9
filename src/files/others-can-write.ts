const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

/** Of a file or a directory. */
export interface Rights {
  /** The permission bits, the sticky bit among them. */
  readonly mode: number
  readonly ownerUid: number
  readonly isDirectory: boolean
}

/** Who else than root and this program's user could have written a file, or can replace what a directory holds. */
export const othersCanWrite = (path: string, { mode, ownerUid, isDirectory }: Rights): string | undefined => {
  if (ownerUid !== 0 && ownerUid !== process.geteuid?.())
    return `${path} belongs to user ${ownerUid}; let root or the user of health-sidecar own it`
  // in a sticky directory, others can make files and replace none
  const isSticky = isDirectory && (mode & 0o1000) !== 0
  if ((mode & 0o002) !== 0 && !isSticky)
    return `everybody can write to ${path} (mode ${octal(mode)}); take that right away: chmod o-w ${path}`
  return undefined
}
