import { askPage, statusOf } from './ask-page.ts'
import type { HostView, Judge, Policy } from './policy.ts'

/** Nothing bounds the view itself. No balancer waits for longer. */
const NOBODY_WAITS_MS = 120_000
const BAD_GATEWAY = 502
const UNAVAILABLE = 503

const startView = (host: HostView): Judge => {
  const { files } = host
  let release: string | undefined
  let runs = true

  /** `settings.py` raises on a variable that is missing when the app starts. Later it does not look again. */
  const startsWithVariables = (): boolean => {
    if (files.release() !== release) {
      release = files.release()
      runs = files.missingVariables().length === 0
    }
    return runs
  }
  startsWithVariables()

  return {
    async probe() {
      if (!startsWithVariables()) return BAD_GATEWAY
      const status = statusOf(await askPage(host, 'health', { timeoutMs: NOBODY_WAITS_MS }))
      if (status === undefined) return BAD_GATEWAY
      return status === 200 && !files.isMigrationPending() ? 200 : UNAVAILABLE
    },
    end() {},
  }
}

/**
 * The health view inside the app that this program's users come from: "Django, ELB health checks and continuous delivery"
 * (tech.octopus.energy, 5 May 2016). At each probe, through NGINX and uWSGI: `page_response('/')` must be 200, by Django's
 * test client in the same worker, then `migrations_have_applied()` must find no unapplied migration by a `MigrationLoader`,
 * which asks the database. Otherwise 503. A missing variable keeps uWSGI from starting the app.
 */
export const article: Policy = { name: 'article', start: startView }
