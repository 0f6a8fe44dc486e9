// oxlint-disable-next-line import/no-unassigned-import -- it runs before everything else
import './lib/close-inspector.ts'
import { exitCode } from './cli/exit-code.ts'
import { run } from './cli/run.ts'
import { openScreen } from './cli/screen.ts'
import { codeOf, describeError } from './lib/describe-error.ts'
import { leave } from './lib/leave.ts'

// Twice Node's own threads: half of them are for files, and may all hang (see files/). Read by Node when it starts them.
process.env['UV_THREADPOOL_SIZE'] ??= '8'

/** A check that ignores being told to stop must not keep a process that has done its work. */
const LINGER_MS = 500

const broke = (why: string): void => {
  process.stderr.write(`health-sidecar: broke: ${why}\n`)
  return leave(exitCode.broke)
}

const closed = new AbortController()
const terminal = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
  env: process.env,
  closed: closed.signal,
  openScreen: () => openScreen(process.stdin, process.stdout),
}

process.on('uncaughtException', error => broke(describeError(error)))
// a reader that has read enough (`| head`) changes no exit code; a full disk must
process.stdout.on('error', error => {
  if (codeOf(error) === 'EPIPE') closed.abort()
  else broke(`cannot write the output: ${describeError(error)}`)
})
process.stderr.on('error', () => {})

const main = async (): Promise<void> => {
  const code = await run(process.argv.slice(2), terminal)
  process.exitCode = code
  setTimeout(() => leave(code), LINGER_MS).unref()
}
void main()
