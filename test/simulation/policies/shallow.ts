import type { Policy } from './policy.ts'

/** Is anybody there? The socket accepts = 200. */
export const shallow: Policy = {
  name: 'shallow',
  start: ({ app }) => ({ probe: () => (app.accepts() ? 200 : 503), end() {} }),
}
