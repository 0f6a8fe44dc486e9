import { answerOf } from '../core/answer.ts'
import type { Verdict } from '../core/verdict.ts'

/** For the verdict and for each note, in characters: `systemctl status` shows so much on one line of a wide terminal. */
const MAX_LENGTH = 240

/** A verdict as systemd is told it. */
export interface StatusLine {
  /** One line: `503 starting: migrations: 1 migration is not applied: catalog.0002_price`. */
  readonly text: string
  /** Differs if anything but a growing number differs: two lines with one key need not be sent twice. */
  readonly key: string
}

/** The verdict in words, and what else an operator should know, for `STATUS=` of sd_notify(3). */
export const statusLine = (
  { status, phase, output, checks }: Verdict,
  notes: readonly string[] = [],
): StatusLine => {
  const answer = answerOf(status)
  const why = output?.startsWith(`${phase}: `) ? output.slice(phase.length + 2) : output
  const notPassing = checks
    .filter(({ effect }) => effect !== 'pass')
    .map(({ name, effect, because, finding }) => [
      name,
      effect,
      because,
      finding.status === 'pass' ? '' : finding.reason,
    ])
  const cause = phase === 'draining' || notPassing.length === 0 ? output : notPassing
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
