import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { checkLine, paint, reasonsOf, verdict } from './paint.ts'
import type { Host, Observation } from './host.ts'

const POLL_MS = 200
/** q, Ctrl-C, Ctrl-D */
const quitKeys = new Set(['q', '\u0003', '\u0004'])

const clock = (): string => paint('dim', new Date().toTimeString().slice(0, 8))

const heading = (seen: Observation): string =>
  `${clock()}  GET /health  ${verdict(seen)}  ${paint('dim', seen.document.phase)}`

/** What makes one observation differ from another, for a reader. */
const gist = ({ answer, document: { phase, checks } }: Observation): string =>
  JSON.stringify([
    answer,
    phase,
    Object.entries(checks).map(([name, [check]]) => [name, check.status, check.reason]),
  ])

/** A board at the foot of the terminal, drawn anew in place; what is told scrolls above it. */
const createBoard = (out: NodeJS.WriteStream) => {
  let drawn: readonly string[] = []
  const erased = () => (drawn.length > 0 ? `\u001B[${drawn.length}A\r\u001B[J` : '')
  /** A line that wraps would be two, and the board would climb. */
  const fitting = (line: string) =>
    stripVTControlCharacters(line).length < out.columns
      ? line
      : `${stripVTControlCharacters(line).slice(0, out.columns - 2)}…`
  const draw = (lines: readonly string[], above = '') => {
    const text = lines.map(line => `${fitting(line)}\n`).join('')
    out.write(`${erased()}${above}${text}`)
    drawn = lines
  }
  return {
    draw,
    tell: (text: string) => draw(drawn, `${text}\n`),
    clear: () => draw([]),
  }
}

/** Lets keys break and mend things, and shows what becomes of it, until `q`, Ctrl-C or `signal`. */
export const play = async (host: Host, { signal }: { readonly signal: AbortSignal }): Promise<void> => {
  const quit = new AbortController()
  const ended = AbortSignal.any([signal, quit.signal])
  const board = createBoard(process.stdout)
  let seen: Observation | undefined
  let busy: string | undefined
  let isWatching = false

  const deploy = {
    key: 'n',
    isOn: () => false,
    breaks: 'deploy another release',
    mends: '',
    toggle: () => host.deploy(),
  }
  const actions = [...host.troubles, deploy]

  const redraw = () => {
    const keys = actions.map(({ key, isOn, breaks, mends }) =>
      isOn() ? paint('yellow', `  ${key}  ${mends}`) : `  ${paint('bold', key)}  ${breaks}`,
    )
    const checks = seen
      ? Object.entries(seen.document.checks).map(([name, [check]]) => `          ${checkLine(name, check)}`)
      : []
    const waiting = busy === undefined ? '' : paint('dim', `${busy} …`)
    board.draw([
      '',
      seen ? heading(seen) : `${clock()}  GET /health  no answer`,
      ...checks,
      '',
      ...keys,
      `  ${paint('bold', 'w')}  watch: health-sidecar status --watch (q comes back)`,
      `  ${paint('bold', 'q')}  quit`,
      `     the page: ${paint('cyan', host.pageUrl)}`,
      `  ${waiting}`,
    ])
  }

  const observe = async () => {
    const latest = await host.observe().catch(() => undefined)
    if (ended.aborted || isWatching) return
    const changed = latest && (!seen || gist(latest) !== gist(seen))
    seen = latest
    redraw()
    if (changed) board.tell([heading(latest), ...reasonsOf(latest)].join('\n          '))
  }

  /** `status --watch` has the terminal, and its keys, until somebody presses q there. */
  const watch = async () => {
    board.clear()
    process.stdin.off('data', onKeys).setRawMode(false).pause()
    const child = host.watch('inherit')
    isWatching = true
    const stop = () => void child.kill('SIGTERM')
    ended.addEventListener('abort', stop, { once: true })
    await once(child, 'exit')
    ended.removeEventListener('abort', stop)
    isWatching = false
    if (!ended.aborted) process.stdin.setRawMode(true).resume().on('data', onKeys)
  }

  const press = async (key: string) => {
    if (quitKeys.has(key)) return quit.abort()
    if (key === 'w') return await watch()
    const action = actions.find(known => known.key === key)
    if (!action || busy !== undefined) return
    const what = action.isOn() ? action.mends : action.breaks
    busy = what
    board.tell(`${clock()}  ${paint('cyan', what)}`)
    try {
      await action.toggle()
    } catch {
      // what is quit ends what was being done
      if (!ended.aborted) board.tell(`${clock()}  this could not be done: ${what}`)
    }
    busy = undefined
  }

  const onKeys = (keys: Buffer) => {
    for (const key of keys.toString()) if (!isWatching) void press(key)
  }
  process.stdin.setRawMode(true).resume().on('data', onKeys)
  try {
    while (!ended.aborted) {
      await observe()
      await delay(POLL_MS, undefined, { signal: ended }).catch(() => {})
    }
  } finally {
    process.stdin.off('data', onKeys).setRawMode(false).pause()
    board.clear()
  }
}
