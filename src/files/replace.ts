import { constants } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants

export interface ReplaceTask {
  readonly path: string
  readonly text: string
  readonly mode: number
}

/** Makes the directory of a file, and none above it. If it cannot be made, what is done next says why. */
export const makeDirectoryOf = async (path: string): Promise<void> => {
  // not `recursive`, which never ends where no directory can be made, such as below /proc
  await mkdir(dirname(path), { mode: 0o755 }).catch(() => {})
}

/**
 * A reader sees all of the text or nothing of it. No symbolic link is followed: one at `path` is itself replaced, and one
 * in the place of the temporary file is removed.
 */
export const replaceFile = async ({ path, text, mode }: ReplaceTask): Promise<undefined> => {
  const temporary = `${path}.new`
  await makeDirectoryOf(path)
  await rm(temporary, { force: true })
  {
    await using handle = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
    // whatever the umask
    await handle.chmod(mode)
    await handle.writeFile(text)
    await handle.sync()
  }
  await rename(temporary, path)
  return undefined
}
