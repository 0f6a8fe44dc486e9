import { spawn } from 'node:child_process'
import type { ChildProcess, ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { freePort } from '../../support/free-port.ts'
import type { ScratchDirectory } from '../../support/scratch-directory.ts'
import { runProgram } from '../examples/example.ts'
import { until } from '../logs/until.ts'

export const SSHD = '/usr/sbin/sshd'

/** The daemon works in `/`, and so outlives the scratch directory: this shell ends it. */
const SERVE = `trap 'kill $!' TERM; ${SSHD} -D -e -f "$0" & wait; wait`
/** Root's daemon wants a directory that the system makes at boot. */
const SERVE_AS_ROOT = `mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd || exit; ${SERVE}`

/** An `ssh` that runs, and what it has said once it has ended. */
export type SshClient = ChildProcessByStdio<null, null, Readable> & { readonly said: Promise<string> }

/** An SSH server for the user of this process, with OpenSSH's defaults for all that it may do. */
export interface SshServer {
  /** Runs `ssh …`, which reaches `host` here. */
  run(command: string): SshClient
}

const makeKey = (file: string) => runProgram(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', file])

/** Starts it; it ends with the scratch directory, and so does what is run. */
export const startSshServer = async (scratch: ScratchDirectory, host: string): Promise<SshServer> => {
  const inScratch = (name: string) => join(scratch.path, name)
  const [hostKey, userKey, knownHosts] = ['host-key', 'user-key', 'known-hosts'].map(inScratch) as [
    string,
    string,
    string,
  ]
  await Promise.all([makeKey(hostKey), makeKey(userKey)])
  await writeFile(knownHosts, `${host} ${await readFile(`${hostKey}.pub`, 'utf8')}`)
  const port = await freePort()
  await writeFile(
    inScratch('sshd_config'),
    `ListenAddress 127.0.0.1:${port}
HostKey "${hostKey}"
AuthorizedKeysFile "${userKey}.pub"
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
`,
  )
  await writeFile(
    inScratch('ssh_config'),
    `Host ${host}
  HostName 127.0.0.1
  Port ${port}
  User ${userInfo().username}
  IdentityFile "${userKey}"
  IdentitiesOnly yes
  BatchMode yes
  HostKeyAlias ${host}
  UserKnownHostsFile "${knownHosts}"
`,
  )
  const start = ([program, ...args]: readonly [string, ...string[]]) => {
    const child = spawn(program, args, {
      cwd: scratch.path,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    scratch.adopt(child)
    return child
  }
  const config = inScratch('sshd_config')
  const server = start(
    process.getuid?.() === 0
      ? ['unshare', '--mount', 'sh', '-c', SERVE_AS_ROOT, config]
      : ['sh', '-c', SERVE, config],
  )
  let said = ''
  server.stderr.setEncoding('utf8').on('data', (part: string) => (said += part))
  await until(
    () => {
      if (server.exitCode !== null) throw new Error(`the SSH server did not start: ${said}`)
      return said.includes('Server listening')
    },
    () => said,
  )
  return {
    run(command) {
      const [program = '', ...args] = command.split(' ')
      const child = start([program, '-F', inScratch('ssh_config'), ...args])
      return Object.assign(child, { said: text(child.stderr) })
    },
  }
}

/** Ends a program that was run. */
export const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill()
  await once(child, 'exit')
}
