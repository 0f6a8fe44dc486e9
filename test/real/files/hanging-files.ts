import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ScratchDirectory } from '../../support/scratch-directory.ts'

/** A mounted file system whose files can stop answering. */
export interface HangingFiles {
  readonly path: (name: string) => string
  /** What is asked of a file from now on is not answered. */
  hang(): Promise<void>
  /** The file system's process stands still: what is asked does not even reach it, and can be given up. */
  freeze(): void
  /** All is answered again, with what was asked before. */
  answer(): Promise<void>
}

/** Mounts one below the scratch directory, which must be root's. Throws if there is no FUSE here. */
export const mountHangingFiles = async (
  scratch: ScratchDirectory,
  files: Readonly<Record<string, string>>,
): Promise<HangingFiles> => {
  const mount = join(scratch.path, 'mount')
  await mkdir(mount)
  const program = join(import.meta.dirname, 'hanging_files.py')
  const child = spawn('/usr/bin/python3', [program, mount, JSON.stringify(files)], {
    cwd: scratch.path,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  // when it has ended, the kernel answers for it with an error, and nothing hangs any more
  scratch.adopt(child, 'SIGKILL')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const expect = async (word: string): Promise<void> => {
    const { value } = await lines.next()
    if (value !== word) throw new Error(`the file system said ${value}, and not ${word}`)
  }
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`no FUSE file system: it ended with ${code}`)
  })
  exited.catch(() => {})
  const tell = async (word: string): Promise<void> => {
    child.stdin.write(`${word}\n`)
    await Promise.race([expect(word), exited])
  }
  await Promise.race([expect('mounted'), exited])
  return {
    path: name => join(mount, name),
    hang: () => tell('hang'),
    freeze: () => void child.kill('SIGSTOP'),
    async answer() {
      child.kill('SIGCONT')
      await tell('answer')
    },
  }
}
