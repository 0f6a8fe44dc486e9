import type { Finding } from './finding.ts'
import type { GeneralReason } from './reason.ts'

/** A configured question about this host. */
export interface Check<Reason extends string = string> extends AsyncDisposable {
  /**
   * Answers the question once. Ends soon after `signal` is aborted, with the finding that the subject deserves for
   * not having answered in time. Throws only when the check itself is broken; that counts as `unknown`.
   */
  run(signal: AbortSignal, request?: RunRequest): Promise<Finding<Reason>>
}

/** How one run differs from another. */
export interface RunRequest {
  /** Look where the app's next worker would look: by a new login, and not through a connection that is kept. */
  readonly fresh?: boolean
}

/** A kind of question: what can be configured of it, and how to ask it. */
export interface CheckType<Config, Context, Reason extends string = string> {
  readonly type: string
  /** The reason codes that its findings can have, besides the general ones. */
  readonly reasons: readonly Reason[]
  /** How the status document classifies what is looked at (draft-inadarei-api-health-check, section 4.2). */
  readonly componentType: 'component' | 'datastore' | 'system'
  /** JSON Schema of the type's own keys, without those that every check takes. */
  readonly schema: object
  /** Default values, in milliseconds, where the type's differ from those of every check. */
  readonly defaults?: { readonly intervalMs?: number; readonly freshForMs?: number }
  /** Whether all hosts use what such a check looks at, unless the configuration says otherwise; no if absent. */
  readonly looksAtShared?: (config: Config) => boolean
  /**
   * Finds keys that contradict each other, which no schema can express. Defaults are filled in. Any value may be
   * invalid.
   */
  readonly contradictions?: (keys: CheckKeys, around: ConfigAround) => readonly Contradiction[]
  /** Sentences: what a valid configuration gives up. They are shown for as long as it is in force. */
  readonly warnings?: (config: Config) => readonly string[]
  create(config: Config, context: Context): Check<Reason | GeneralReason>
}

/** The keys of one check as configured, before they are known to be valid. */
export interface CheckKeys {
  readonly [key: string]: unknown
}

/** What a check type knows of the rest of the configuration. */
export interface ConfigAround {
  /** Whether the configuration says which release is on the host. */
  readonly hasRelease: boolean
}

export interface Contradiction {
  /** The key that is wrong, from the check's own mapping. */
  readonly path: readonly string[]
  readonly message: string
}
