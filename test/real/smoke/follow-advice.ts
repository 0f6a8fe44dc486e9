import type { SmokeKeys } from '../../checks/smoke/run-smoke.ts'

/** The hosts and pages that the app serves: what an operator knows, and a message can only name in general. */
const SERVED_HOST = 'octopus.energy'
const PUBLIC_PAGE = '/'

type Step = readonly [words: RegExp, change: (matched: string) => Partial<SmokeKeys>]

/** What a machine can do of what messages advise. */
const steps: readonly Step[] = [
  [/set the check's host to one that/, () => ({ host: SERVED_HOST })],
  [/set the check's host to (?!one )([^\s,;]+)/, host => ({ host })],
  [/write the check's path as ([^\s,;]+)/, path => ({ path })],
  [/write the target as ([^\s,;]+)/, target => ({ target })],
  [/send X-Forwarded-Proto: https/, () => ({ headers: { 'X-Forwarded-Proto': 'https' } })],
  [/choose (?:a page|one) that|choose another page|correct the check's path/, () => ({ path: PUBLIC_PAGE })],
  [/set the check's method to GET|use GET/, () => ({ method: 'GET' })],
  [/raise max_body/, () => ({ max_body: 2_000_000 })],
]

/** A configuration after the first piece of advice in a message; undefined if no machine can follow any. */
export const follow = (message: string, keys: SmokeKeys): SmokeKeys | undefined => {
  const [first] = steps
    .flatMap(([words, change]) => {
      const found = words.exec(message)
      return found ? [{ at: found.index, change: () => change(found[1] ?? '') }] : []
    })
    .sort((a, b) => a.at - b.at)
  return first && { ...keys, ...first.change() }
}
