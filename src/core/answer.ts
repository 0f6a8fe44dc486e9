import type { Verdict } from './verdict.ts'

/** What a probe is answered, as an HTTP status. 200: send this host traffic; 503: do not. */
export type Answer = 200 | 503

/** What a verdict answers. A warning is worth a look, and takes no host out. */
export const answerOf = (status: Verdict['status']): Answer => (status === 'fail' ? 503 : 200)
