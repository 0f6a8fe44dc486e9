import { fileURLToPath } from 'node:url'

/** The program of the thread that compares variables with a schema. The build puts its text in place of its file. */
export const schemaProgram = (): { readonly program: string; readonly isText: boolean } => ({
  program: fileURLToPath(new URL('./schema-main.ts', import.meta.url)),
  isText: false,
})
