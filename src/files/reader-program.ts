import { fileURLToPath } from 'node:url'

/** What Node is told to run as a reader process. The build puts the program's text in place of its file. */
export const readerProgram = (): readonly string[] => [
  fileURLToPath(new URL('./reader-main.ts', import.meta.url)),
]
