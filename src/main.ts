import { run } from './cli/run.ts'
import { describeError } from './lib/describe-error.ts'

/** A check that ignores being told to stop must not keep a process that has done its work. */
const LINGER_MS = 500

const terminal = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
  env: process.env,
}

process.on('uncaughtException', error => {
  process.stderr.write(`health-sidecar: broke: ${describeError(error)}\n`)
  process.exit(1)
})
const main = async (): Promise<void> => {
  process.exitCode = await run(process.argv.slice(2), terminal)
  setTimeout(() => process.exit(), LINGER_MS).unref()
}
void main()
