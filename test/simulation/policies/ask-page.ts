import type { Outcome } from '../../../src/checks/smoke/exchange.ts'
import type { HostView, Page } from './policy.ts'

/**
 * Requests a page, and waits for at most so long. Undefined if the time was up. The worker does not notice that nobody waits
 * any longer: it goes on.
 */
export const askPage = async (
  { app, clock }: Pick<HostView, 'app' | 'clock'>,
  page: Page,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<Outcome | undefined> => {
  const exchange = app.request(page)
  const { promise, resolve } = Promise.withResolvers<undefined>()
  using _timer = clock.after(timeoutMs, () => resolve(undefined))
  const outcome = await Promise.race([exchange.outcome, promise])
  if (!outcome) exchange.destroy()
  return outcome
}

/** The HTTP status of an answer; undefined if there was none. */
export const statusOf = (outcome: Outcome | undefined): number | undefined =>
  outcome?.kind === 'answer' ? outcome.status : undefined
