import type { Answer } from './exchange.ts'
import { judgeUnread } from './judge-unread.ts'
import type { Judgement, Question } from './question.ts'
import { containsRelease, isTellingRelease, sameButForStyle } from './release-text.ts'

/** Longer than a release's name. */
const MAX_SHOWN = 100

const shown = (text: string): string => JSON.stringify(text.slice(0, MAX_SHOWN))

/** A header's value. One that came several times counts once if all its values agree. */
const headerValue = ({ headers }: Answer, name: string): string | undefined => {
  const value = headers[name]?.trim()
  const values = new Set(value?.split(',').map(each => each.trim()))
  const [only] = values
  return (values.size === 1 ? only : value) || undefined
}

/** What the evidence tells of the page's release; nothing if none is expected. */
export const releaseEvidence = (answer: Answer, { expectation: { release }, releases }: Question) => {
  if (!release) return {}
  const named = release.in === 'header' ? headerValue(answer, release.name) : undefined
  return {
    release: releases.current(),
    ...(named !== undefined && { pageRelease: named.slice(0, MAX_SHOWN) }),
  }
}

/** Why a page does not prove that the release on the host has rendered it. */
export const judgeRelease = (answer: Answer, question: Question): Judgement | undefined => {
  const { expectation, releases, subject } = question
  const { release: place } = expectation
  if (!place) return undefined
  const current = releases.current()
  if (current === undefined)
    return {
      status: 'unknown',
      reason: 'SMOKE_RELEASE_UNKNOWN',
      message: `${subject} is answered, but which release should answer is not known: make what the key release names readable`,
    }
  const judgement =
    place.in === 'header'
      ? judgeHeader(headerValue(answer, place.name), { ...question, name: place.name, current })
      : judgeBody(answer, { ...question, current })
  if (!judgement) releases.seen = current
  return judgement
}

const RESTART =
  'restart the app, so that it loads the new code (a reload does not, if the code was loaded before the workers started, as by gunicorn --preload)'

const judgeHeader = (
  value: string | undefined,
  { subject, name, current }: Question & { readonly name: string; readonly current: string },
): Judgement | undefined => {
  if (value === current) return undefined
  if (value === undefined)
    return {
      status: 'fail',
      reason: 'SMOKE_RELEASE_MISSING',
      message: `${subject} is answered without the header ${name}, so it does not prove that the release ${shown(current)} renders it: let the app send its release in that header`,
    }
  return {
    status: 'fail',
    reason: 'SMOKE_RELEASE_UNEXPECTED',
    message: sameButForStyle(value, current)
      ? `${subject} names its release ${shown(value)} in the header ${name}, and the release on this host is written ${shown(current)}: write it the same way in both places`
      : `${subject} is answered by the release ${shown(value)}, but the release on this host is ${shown(current)}: ${RESTART}`,
  }
}

const judgeBody = (
  answer: Answer,
  { request, subject, current, releases }: Question & { readonly current: string },
): Judgement | undefined => {
  if (!isTellingRelease(current))
    return {
      status: 'unknown',
      reason: 'SMOKE_RELEASE_UNKNOWN',
      message: `the release ${shown(current)} is too short or too common to prove anything by being on a page: let the app send it in a header, and expect header:NAME`,
    }
  const page = answer.body.toString()
  if (containsRelease(page, current)) return undefined
  const unread = judgeUnread(answer, { request, subject, wanted: shown(current) })
  if (unread) return unread
  const { seen } = releases
  if (seen !== undefined && containsRelease(page, seen))
    return {
      status: 'fail',
      reason: 'SMOKE_RELEASE_UNEXPECTED',
      message: `${subject} still names the release ${shown(seen)}, but the release on this host is ${shown(current)}: ${RESTART}`,
    }
  return {
    status: 'fail',
    reason: 'SMOKE_RELEASE_MISSING',
    message: `${subject} does not name the release ${shown(current)} as a word of its own, so another release may have rendered it: ${RESTART}; or let the page name its release`,
  }
}
