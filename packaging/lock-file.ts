import { readFile } from 'node:fs/promises'

/** What package-lock.json names of a package. */
export interface LockedPackage {
  readonly version: string
  /** Of the package's tarball, in the form of Subresource Integrity: `sha512-` and base64. */
  readonly integrity: string
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

/** Answers what package-lock.json names at `node_modules/…`. Throws if there is no such package. */
export const readLockFile = async (): Promise<(folder: string) => LockedPackage> => {
  const { packages }: LockFile = JSON.parse(await readFile('package-lock.json', 'utf8'))
  return folder => {
    const locked = packages[folder]
    if (!locked) throw new Error(`${folder} is not in package-lock.json; run npm install`)
    return locked
  }
}
