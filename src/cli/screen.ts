import type { ReadStream, WriteStream } from 'node:tty'
import { clip, clipRows } from './clip.ts'
import { onSignals } from './on-signals.ts'
import type { Screen } from './terminal.ts'

// xterm's control sequences, which every terminal of today knows: the alternate screen, the cursor, and wrapping.
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const CLEAR_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'

/** The size if the terminal tells none. */
const COLUMNS = 80
const ROWS = 24

const CTRL_C = '\u0003'

/** Takes over a terminal, with its keys if `input` is one too. Undefined if `output` is none. */
export const openScreen = (
  input: Pick<ReadStream, 'isTTY' | 'setRawMode' | 'resume' | 'pause' | 'on' | 'off' | 'unref'>,
  output: WriteStream,
): Screen | undefined => {
  if (!output.isTTY || process.env['TERM'] === 'dumb') return undefined
  let isQuitting = false
  let tellQuit: (() => void) | undefined
  const quit = (): void => {
    isQuitting = true
    tellQuit?.()
  }
  const onData = (keys: Buffer): void => {
    if (/[qQ]/.test(keys.toString()) || keys.includes(CTRL_C)) quit()
  }
  const signals = onSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], quit)
  const resizes: (() => void)[] = []
  let isOpen = true
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    output.write(LEAVE)
    if (input.isTTY) input.setRawMode(false)
    input.off('data', onData).pause()
    input.unref()
    for (const callback of resizes) output.off('resize', callback)
    process.off('uncaughtExceptionMonitor', close)
    signals[Symbol.dispose]()
  }
  // what breaks the program must not leave a terminal that shows no typing
  process.on('uncaughtExceptionMonitor', close)
  if (input.isTTY) {
    input.setRawMode(true)
    input.on('data', onData).resume()
  }
  output.write(ENTER)
  return {
    draw(lines) {
      const columns = output.columns || COLUMNS
      const shown = clipRows(lines, output.rows || ROWS).map(line => clip(line, columns) + CLEAR_LINE)
      output.write(`${HOME}${shown.join('\r\n')}${CLEAR_BELOW}`)
    },
    onQuit(callback) {
      tellQuit = callback
      if (isQuitting) callback()
    },
    onResize(callback) {
      resizes.push(callback)
      output.on('resize', callback)
    },
    [Symbol.dispose]: close,
  }
}
