import type { Verdict } from '../core/verdict.ts'

/** In characters, of the verdict and of each note: what `systemctl status` shows on one line of a wide terminal. */
const MAX_LENGTH = 240

/** What systemd is told of a verdict, and by what to know whether it is another than before. */
export interface StatusLine {
  /** One line: `503 starting: migrations: 1 migration is not applied: catalog.0002_price`. */
  readonly text: string
  /** The same for as long as nothing changes but numbers that go on growing. */
  readonly key: string
}

/** The verdict in words, and what else there is to know, for `STATUS=` of sd_notify(3). */
export const statusLine = (
  { status, phase, output, checks }: Verdict,
  notes: readonly string[] = [],
): StatusLine => {
  const answer = status === 'fail' ? 503 : 200
  const why = output?.startsWith(`${phase}: `) ? output.slice(phase.length + 2) : output
  const against = checks
    .filter(({ effect }) => effect !== 'pass')
    .map(({ name, effect, because, finding }) => [
      name,
      effect,
      because,
      finding.status === 'pass' ? '' : finding.reason,
    ])
  const cause = phase === 'draining' || against.length === 0 ? output : against
  return {
    text: [`${answer} ${phase}${why === undefined ? '' : `: ${why}`}`, ...notes].map(oneLine).join(' | '),
    key: JSON.stringify([answer, phase, cause, notes]),
  }
}

const oneLine = (text: string): string => {
  const characters = Array.from(text.replaceAll(/[\s\p{Cc}]+/gu, ' '))
  return characters.length > MAX_LENGTH
    ? `${characters.slice(0, MAX_LENGTH - 1).join('')}…`
    : characters.join('')
}
