import { exitCode } from './cli/exit-code.ts'
import { run } from './cli/run.ts'
import { codeOf, describeError } from './lib/describe-error.ts'

/** A check that ignores its end must not keep a process alive whose work is done. */
const LINGER_MS = 500

const broke = (why: string): never => {
  process.stderr.write(`health-sidecar: broke: ${why}\n`)
  process.exit(exitCode.broke)
}

const terminal = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
  env: process.env,
}

process.on('uncaughtException', error => broke(describeError(error)))
// a reader that has read enough (`| head`) changes no exit code; a full disk must
process.stdout.on('error', error => {
  if (codeOf(error) !== 'EPIPE') broke(`cannot write the output: ${describeError(error)}`)
})
process.stderr.on('error', () => {})

const main = async (): Promise<void> => {
  process.exitCode = await run(process.argv.slice(2), terminal)
  setTimeout(() => process.exit(), LINGER_MS).unref()
}
void main()
