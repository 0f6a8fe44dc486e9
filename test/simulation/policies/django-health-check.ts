import { askPage, statusOf } from './ask-page.ts'
import type { Policy } from './policy.ts'

/** There is no time limit for a check. No balancer waits for longer. */
const NOBODY_WAITS_MS = 120_000
const BAD_GATEWAY = 502

/**
 * codingjoe/django-health-check 4.4.3: `HealthCheckView.get` in health_check/views.py runs all checks at each request, and
 * answers 500 if any of them has an error, else 200. `Database.run` in health_check/checks.py asks `SELECT 1` on a temporary
 * connection. Its other default checks (cache, DNS, mail, storage) always pass here. It renders no page of the app, and has
 * had no check of migrations since version 4.
 */
export const djangoHealthCheck: Policy = {
  name: 'django-health-check',
  start: host => ({
    async probe() {
      return statusOf(await askPage(host, 'health', { timeoutMs: NOBODY_WAITS_MS })) ?? BAD_GATEWAY
    },
    end() {},
  }),
}
