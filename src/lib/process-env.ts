/** The variables of a process by name, like `process.env`. */
export type ProcessEnv = Readonly<Record<string, string | undefined>>
