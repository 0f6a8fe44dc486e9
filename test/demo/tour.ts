import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { ReasonCode } from '../../src/checks/registry.ts'
import { paint, reasonsOf, verdict } from './paint.ts'
import type { Host, Observation } from './host.ts'

const STEP_TIMEOUT_MS = 10_000
const POLL_MS = 50
const STEP_WIDTH = 44

interface Expectation {
  readonly answer: 200 | 503
  /** The checks that do not pass, and why. */
  readonly reasons?: Readonly<Record<string, ReasonCode>>
  /** Whether the answer may not have been another even for a moment. */
  readonly throughout?: boolean
}

const reasonsIn = ({ document: { checks } }: Observation): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(checks)
      .filter(([, [check]]) => check.status !== 'pass')
      .map(([name, [check]]) => [name, check.reason]),
  )

const isAsExpected = (seen: Observation, { answer, reasons = {} }: Expectation): boolean => {
  const found = reasonsIn(seen)
  return (
    seen.answer === answer &&
    Object.keys(found).length === Object.keys(reasons).length &&
    Object.entries(reasons).every(([name, reason]) => found[name] === reason)
  )
}

/** Shows each trouble, and its end, with the resulting answer and reason. Throws where one is not as it should be. */
export const tour = async (
  host: Host,
  { print, signal }: { readonly print: (text: string) => void; readonly signal: AbortSignal },
): Promise<void> => {
  const seeing = async (expected: Expectation): Promise<Observation> => {
    const until = performance.now() + STEP_TIMEOUT_MS
    for (;;) {
      signal.throwIfAborted()
      const seen = await host.observe()
      if (isAsExpected(seen, expected)) return seen
      if (performance.now() > until || (expected.throughout && seen.answer !== expected.answer))
        throw new Error(
          `expected ${expected.answer} ${JSON.stringify(expected.reasons ?? {})}, ` +
            `but saw ${seen.answer} ${JSON.stringify(reasonsIn(seen))}: ${seen.document.output}`,
        )
      await delay(POLL_MS, undefined, { signal })
    }
  }

  /** Follows the status for the time of some steps, as a log would show it. */
  const watched = async (steps: (shows: (word: RegExp) => Promise<void>) => Promise<void>): Promise<void> => {
    const child = host.watch(['ignore', 'pipe', 'inherit'])
    const ended = once(child, 'exit')
    try {
      let shown = ''
      child.stdout?.setEncoding('utf8').on('data', (text: string) => void (shown += text))
      const shows = async (word: RegExp): Promise<void> => {
        const giveUpAt = performance.now() + STEP_TIMEOUT_MS
        while (!word.test(shown)) {
          if (performance.now() > giveUpAt)
            throw new Error(`status --watch did not show ${word.source}: ${shown}`)
          await delay(POLL_MS, undefined, { signal })
        }
      }
      await shows(/SERVING 200/)
      await steps(shows)
      print('\n  What `health-sidecar status --watch` wrote meanwhile:\n')
      for (const line of shown.trimEnd().split('\n')) print(`      ${line}\n`)
    } finally {
      child.kill('SIGKILL')
      await ended
    }
  }

  /** What the status page says first. */
  const headline = async (): Promise<string> => {
    const [, , text = ''] =
      /<h1[^>]*>([^]*?<\/svg>)?\s*<span>([^<]*)</.exec(await (await fetch(host.pageUrl)).text()) ?? []
    if (text === '') throw new Error(`the page at ${host.pageUrl} has no headline`)
    return text
  }

  const step = async (what: string, expected: Expectation): Promise<void> => {
    const seen = await seeing(expected)
    print(`  ${what.padEnd(STEP_WIDTH)}${verdict(seen)}  ${paint('dim', await headline())}\n`)
    for (const line of reasonsOf(seen)) print(`      ${line}\n`)
  }

  const toggle = async (key: string, expected: Expectation): Promise<void> => {
    signal.throwIfAborted()
    const trouble = host.troubles.find(known => known.key === key)
    if (!trouble) throw new TypeError(`no trouble has the key ${key}`)
    const what = trouble.isOn() ? trouble.mends : trouble.breaks
    await trouble.toggle()
    await step(what, expected)
  }

  const well = { answer: 200 } as const
  print(`${paint('bold', `${'The tour'.padEnd(STEP_WIDTH + 2)}GET /health  The page`)}\n`)
  await step('all is well', well)

  print('\n  Proof that this host is wrong takes it out:\n')
  await toggle('m', { answer: 503, reasons: { migrations: 'MIGRATIONS_PENDING' } })
  await toggle('m', well)
  await toggle('v', { answer: 503, reasons: { env: 'ENV_VARIABLE_EMPTY' } })
  await toggle('v', well)
  await toggle('p', { answer: 503, reasons: { homepage: 'SMOKE_STATUS_UNEXPECTED' } })
  await toggle('p', well)
  await toggle('a', { answer: 503, reasons: { homepage: 'SMOKE_SOCKET_MISSING' } })
  await toggle('a', well)

  print('\n  Load proves nothing. To replace a host that works would move its load to the others:\n')
  await toggle('b', { answer: 200, reasons: { homepage: 'SMOKE_NO_ANSWER' }, throughout: true })
  await toggle('b', well)

  print('\n  An operator takes the host out, and puts it back:\n')
  await watched(async shows => {
    await toggle('o', { answer: 503 })
    // it looks once a second
    await shows(/DRAINING 503/)
    await toggle('o', well)
    await shows(/DRAINING 503[^]*SERVING 200/)
  })

  print('\n  What all hosts share proves nothing against this one, which has passed before:\n')
  const databaseGone = { database: 'DATABASE_REFUSED', migrations: 'DATABASE_REFUSED' } as const
  const reasons = { ...databaseGone, homepage: 'DEPENDENCY_NOT_PASSING' } as const
  await toggle('d', { answer: 200, reasons, throughout: true })

  print('\n  But a new release has passed nothing yet, and must prove itself:\n')
  await host.deploy()
  await step('deploy another release', { answer: 503, reasons })
  await toggle('d', well)

  print('\n  And before it closes, the balancer hears of it:\n')
  const ending = host.stopSidecar()
  await step('stop the sidecar', { answer: 503 })
  const code = await ending
  if (code !== 0) throw new Error(`expected the sidecar to end with exit code 0, but saw ${code}`)
}
