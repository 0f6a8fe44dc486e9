import { setTimeout as delay } from 'node:timers/promises'
import { printable, printableValue } from '../lib/printable.ts'
import { statusReport } from '../status/status-report.ts'
import type { StatusAnswer } from './ask-daemon.ts'
import { exitCode, exitCodeOf } from './exit-code.ts'
import { changeLine, statusKey } from './status-change.ts'
import type { StatusSource } from './status-source.ts'
import type { Terminal } from './terminal.ts'

const LOOK_EVERY_MS = 1000
const LOOK_LIMIT_MS = 4000

/** Shows one look after the other. */
interface View {
  show(answer: StatusAnswer, now: Date): void
}

const screenLines = (answer: StatusAnswer, now: Date): readonly string[] => {
  const shown = printableValue(answer)
  const footer = `${now.toISOString().slice(11, 19)}Z  q quits`
  return shown.ok
    ? [...statusReport(shown.document, now), '', footer]
    : [`NOT KNOWN  ${shown.message}`, '', footer]
}

/** A line for each change: for a log, a pipe, a terminal without a cursor. */
const lineView = (out: Terminal['out'], json: boolean): View => {
  let key: string | undefined
  let before: StatusAnswer | undefined
  const lineOf = (answer: StatusAnswer, now: Date): string => {
    if (json) return printable(JSON.stringify(answer.ok ? answer.document : { error: answer.message }))
    const shown = printableValue(answer)
    if (!shown.ok) return `${now.toISOString().slice(11, 19)}Z  NOT KNOWN   ${shown.message}`
    return changeLine(shown.document, {
      before: before?.ok ? printableValue(before.document) : undefined,
      now,
    })
  }
  return {
    show(answer, now) {
      const keyNow = answer.ok ? statusKey(answer.document) : answer.message
      if (keyNow === key) return
      out(`${lineOf(answer, now)}\n`)
      key = keyNow
      before = answer
    },
  }
}

/**
 * Shows the status until somebody quits: redrawn in place on a terminal, a line for each change elsewhere. Answers the
 * exit code of the last look.
 */
export const watchStatus = async (
  source: StatusSource,
  { json, ...terminal }: Terminal & { readonly json: boolean },
): Promise<number> => {
  const quit = new AbortController()
  using screen = json ? undefined : terminal.openScreen?.()
  let last: readonly [answer: StatusAnswer, now: Date] | undefined
  const view: View = screen
    ? { show: (answer, now) => screen.draw(screenLines(answer, now)) }
    : lineView(terminal.out, json)
  screen?.onQuit(() => quit.abort())
  screen?.onResize(() => last && view.show(...last))
  const signal = AbortSignal.any([quit.signal, ...(terminal.closed ? [terminal.closed] : [])])
  const quitting = new Promise<undefined>(resolve => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })

  while (!signal.aborted) {
    const answer = await Promise.race([source.look(LOOK_LIMIT_MS), quitting])
    if (!answer) break
    last = [answer, new Date()]
    view.show(...last)
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
  }
  return last?.[0].ok ? exitCodeOf(last[0].document) : exitCode.unknown
}
