import { askPage, statusOf } from './ask-page.ts'
import type { Policy } from './policy.ts'

/** `DEFAULT_SCRIPT_TIMEOUT_SEC` in commands/flags.go; a TCP attempt has as long (`attemptTcpConnection`). */
const TIMEOUT_MS = 5000
const GATEWAY_TIMEOUT = 504

/**
 * gruntwork-io/health-checker v0.0.8: `runChecks` in server/server.go tries all ports and runs all scripts at each request;
 * 200 if every one succeeds, else 504. It keeps no state: thresholds are the balancer's. Here it has `--port` with the app's,
 * and `--script "curl --fail http://localhost/"`, which fails from status 400 on, and does not look at the page.
 */
export const gruntwork: Policy = {
  name: 'gruntwork',
  start: host => ({
    async probe() {
      if (!host.app.accepts()) return GATEWAY_TIMEOUT
      const status = statusOf(await askPage(host, 'home', { timeoutMs: TIMEOUT_MS }))
      return status !== undefined && status < 400 ? 200 : GATEWAY_TIMEOUT
    },
    end() {},
  }),
}
