import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A directory for files, sockets and processes, of which nothing outlives this process for long, however that ends. */
export interface ScratchDirectory extends AsyncDisposable {
  readonly path: string
  /** Ends this process with the directory, if it still works in it then: by `signal`, or by force after 5 seconds. */
  adopt(child: ChildProcess, signal?: NodeJS.Signals): void
}

/**
 * Waits until its standard input closes, then ends what it was told of by lines `PID SIGNAL`, and removes the
 * directory. A process counts only while it works in the directory: its number may have become another's.
 */
const JANITOR = `
  trap '' INT TERM HUP
  while read -r pid signal; do children="$children $pid:$signal"; done
  is_alive() {
    for place in "$0" "$0"/*; do [ "/proc/$1/cwd" -ef "$place" ] && return; done
    return 1
  }
  signal_all() {
    for child in $children; do
      is_alive "\${child%:*}" && kill -s "\${1:-\${child#*:}}" "\${child%:*}" && alive=yes
    done
  }
  alive=; signal_all
  tries=250
  while [ "$alive" ] && [ $((tries -= 1)) -gt 0 ]; do sleep 0.02; alive=; signal_all 0; done
  [ "$alive" ] && signal_all KILL
  tries=50
  until rm -rf "$0" || [ $((tries -= 1)) -le 0 ]; do sleep 0.02; done`

/** Creates an empty directory in the system's directory for temporary files. */
export const createScratchDirectory = async (prefix: string): Promise<ScratchDirectory> => {
  const path = await mkdtemp(join(tmpdir(), prefix))
  const janitor = spawn('sh', ['-c', JANITOR, path], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  janitor.stdin.on('error', () => {})
  janitor.unref()
  return {
    path,
    adopt(child, signal = 'SIGTERM') {
      if (child.pid !== undefined) janitor.stdin.write(`${child.pid} ${signal.replace('SIG', '')}\n`)
    },
    async [Symbol.asyncDispose]() {
      if (janitor.exitCode !== null) return
      janitor.ref()
      const gone = once(janitor, 'exit')
      janitor.stdin.end()
      await gone
    },
  }
}
