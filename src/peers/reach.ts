import type { PeerSweep } from '../core/peers.ts'
import { listNames } from '../lib/list-names.ts'
import type { Logger } from '../log/logger.ts'

/** So many sweeps running without an answer are no accident. */
const SWEEPS_NEEDED = 2
const MOST_NAMES = 5

type Said = Pick<PeerSweep, 'known' | 'answers'>

/** Whether the peers answer at all. If they do not, an operator must know before they are needed. */
export interface Reach {
  /** Whether one of them has ever answered: since the start, or since a reload to other `peers`, on this boot. */
  readonly hasAnswered: boolean
  /** Whether one of them answers now; undefined while that is not known, or if there is nobody to ask. */
  readonly isAnswered: boolean | undefined
  /** What is wrong, and what to do: a sentence; undefined if nothing is wrong. */
  readonly note: string | undefined
  /** Takes in what was answered to one question. */
  heard(said: Said): void
}

export interface ReachOptions {
  /** Whether one has answered before a restart of the program. */
  readonly hasAnswered: boolean
  /** Told once, of the first answer. */
  readonly answered: () => void
  readonly logger: Logger
}

const isAnswer = ({ answer }: PeerSweep['answers'][number]): boolean => answer !== 'silent'

const TO_DO = 'open that port between the hosts, or correct `peers`'

/** Who did not answer. */
const noAnswerFrom = ({ known, answers }: Said): string => {
  const asked = answers.map(({ peer }) => peer)
  const whom = known === 1 ? 'the one peer' : `any of ${known} peers`
  return `no answer from ${whom}${asked.length === 0 ? '' : ` (asked: ${listNames(asked, MOST_NAMES)})`}`
}

/** What is wrong if somebody was to be asked and nobody answered, and what to do: a sentence. */
export const unansweredNote = (said: Said): string | undefined =>
  said.known === 0 || said.answers.some(isAnswer) ? undefined : `${noAnswerFrom(said)}; ${TO_DO}`

const noteOf = (said: Said, hasAnswered: boolean): string =>
  hasAnswered
    ? `${noAnswerFrom(said)}, and one answered before: until one does, an app that makes no progress is kept in service; see whether the hosts still reach each other at that port`
    : `${noAnswerFrom(said)}, ever: this host decides as if it had no \`peers\`; ${TO_DO}`

export const createReach = (options: ReachOptions): Reach => {
  const { answered, logger } = options
  let { hasAnswered } = options
  let isAnswered: boolean | undefined
  let silentSweeps = 0
  let note: string | undefined

  const tell = (said: Said): void => {
    const before = isAnswered
    isAnswered = silentSweeps === 0 ? true : silentSweeps >= SWEEPS_NEEDED ? false : isAnswered
    note = isAnswered === false ? noteOf(said, hasAnswered) : undefined
    if (note !== undefined && before !== false)
      logger.log('warn', { event: 'peers.unreachable', msg: note, known: said.known })
    if (isAnswered === true && before === false)
      logger.log('info', { event: 'peers.reachable', msg: 'a peer answers again', known: said.known })
  }

  return {
    get hasAnswered() {
      return hasAnswered
    },
    get isAnswered() {
      return isAnswered
    },
    get note() {
      return note
    },
    heard(said) {
      if (said.known === 0) {
        isAnswered = note = undefined
        silentSweeps = 0
        return
      }
      const someoneAnswered = said.answers.some(isAnswer)
      silentSweeps = someoneAnswered ? 0 : silentSweeps + 1
      const isFirst = someoneAnswered && !hasAnswered
      hasAnswered ||= someoneAnswered
      tell(said)
      if (isFirst) answered()
    },
  }
}
