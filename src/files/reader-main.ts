import { FileError } from './file-error.ts'
import { operate } from './operations.ts'
import type { OperationName, Tasks } from './operations.ts'

// The reader process: does what it is sent to files, and may hang in it, which harms nobody.

process.title = 'health-sidecar (files)'

const answer = async <Name extends OperationName>(
  id: string,
  name: Name,
  task: Tasks[Name],
): Promise<void> => {
  try {
    process.send?.({ id, value: await operate(name, task) })
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    process.send?.({ id, error: { code: error.code, message: error.message } })
  }
}

process.on('message', ({ id, name, task }) => void answer(id, name, task))
// not process.exit(), which waits for every thread
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
