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
  /** Its process stands still from now on: what is asked does not even reach it, so that who asks can be killed. */
  freeze(): void
  /** All is answered again, with what was asked while it hung. */
  answer(): Promise<void>
}

/** Mounts one in the scratch directory, with which it ends. Throws if there is no FUSE here, or this is not root. */
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
  scratch.adopt(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = once(child, 'exit').then(([code]): never => {
    throw new Error(`there is no FUSE file system: it ended with ${code}`)
  })
  ended.catch(() => {})
  const said = async (word: string): Promise<string> => {
    const { value } = await Promise.race([lines.next(), ended])
    if (typeof value !== 'string' || !value.startsWith(word))
      throw new Error(`the file system said ${value}, and not ${word}`)
    return value.slice(word.length)
  }
  const tell = async (word: string): Promise<void> => {
    child.stdin.write(`${word}\n`)
    await said(word)
  }
  const answering = Number(await said('mounted'))
  return {
    path: name => join(mount, name),
    hang: () => tell('hang'),
    freeze: () => void process.kill(answering, 'SIGSTOP'),
    answer: () => tell('answer'),
  }
}
