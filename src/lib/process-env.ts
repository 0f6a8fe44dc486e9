/** Variables of a process by name, as Node's `process.env`. */
export type ProcessEnv = Readonly<Record<string, string | undefined>>
