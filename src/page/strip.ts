import { durationText } from '../lib/duration-text.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import type { Stretch } from './stretches.ts'
import { clockText } from './times.ts'
import type { Window } from './window.ts'

/** How a strip shows one state: its class in the style sheet, its height, and its word. */
export interface Shade {
  readonly className: 'pass' | 'warn' | 'unknown' | 'fail'
  /** of 24: states differ by their heights too, not by colour alone */
  readonly height: number
  readonly word: string
}

/** By state, the worst first: of several in one column, that one is shown. */
export type Shades<State> = ReadonlyMap<State, Shade>

/** A trouble of any length has at least one column. */
const COLUMNS = 240
const HEIGHT = 24

const within = <State>(
  stretches: readonly Stretch<State>[],
  { from, to }: Window,
): readonly Stretch<State>[] =>
  stretches
    .filter(stretch => stretch.to >= from && stretch.from <= to)
    .map(stretch => ({ ...stretch, from: Math.max(stretch.from, from), to: Math.min(stretch.to, to) }))

/** The rank of the worst state in each column; none where there is none. */
const columnsOf = <State>(
  stretches: readonly Stretch<State>[],
  { shades, window }: { readonly shades: Shades<State>; readonly window: Window },
): readonly (number | undefined)[] => {
  const ranks = new Map(Array.from(shades.keys(), (state, rank) => [state, rank]))
  const columns: (number | undefined)[] = Array.from({ length: COLUMNS })
  const columnAt = (time: number): number =>
    Math.min(COLUMNS - 1, Math.floor(((time - window.from) / (window.to - window.from)) * COLUMNS))
  for (const { state, from, to } of stretches) {
    const rank = ranks.get(state)
    if (rank === undefined) continue
    for (let i = columnAt(from); i <= columnAt(to); i += 1) columns[i] = Math.min(columns[i] ?? rank, rank)
  }
  return columns
}

/** One path for all columns of a rank. */
const pathOf = (columns: readonly (number | undefined)[], rank: number, height: number): string => {
  let path = ''
  for (let i = 0; i < columns.length; i += 1) {
    if (columns[i] !== rank) continue
    let end = i
    while (columns[end] === rank) end += 1
    path += `M${i} ${(HEIGHT - height) / 2}h${end - i}v${height}h-${end - i}z`
    i = end
  }
  return path
}

/** `fail 12m in 2 stretches, the latest from 03:02:10 to 03:03:40`. */
const wordsOf = <State>(
  stretches: readonly Stretch<State>[],
  { shades, now }: { readonly shades: Shades<State>; readonly now: Date },
): string => {
  const parts = Array.from(shades, ([state, { word }]) => {
    const own = stretches.filter(stretch => stretch.state === state)
    const latest = own.at(-1)
    if (!latest) return ''
    const totalMs = own.reduce((sum, { from, to }) => sum + to - from, 0)
    const told = `${word} for ${durationText(totalMs)}`
    if (own.length === 1 && stretches.length === 1) return told
    const times = [latest.from, latest.to].map(at => clockText(new Date(at).toISOString(), now))
    const lasts = latest === stretches.at(-1)
    const which = own.length === 1 ? '' : ` in ${own.length} stretches, the latest`
    return `${told}${which} ${lasts ? `since ${times[0]}` : `from ${times.join(' to ')}`}`
  })
  return parts.filter(part => part !== '').join('; ') || 'nothing is recorded'
}

/** A strip of states over a time, with the same in words. */
export const strip = <State>(
  stretches: readonly Stretch<State>[],
  {
    subject,
    id,
    shades,
    window,
  }: {
    readonly subject: string
    readonly id: string
    readonly shades: Shades<State>
    readonly window: Window
  },
): Html => {
  const shown = within(stretches, window)
  const columns = columnsOf(shown, { shades, window })
  const now = new Date(window.to)
  const words = `${subject}, last ${window.name}: ${wordsOf(shown, { shades, now })}`
  return html`<svg
    class="strip"
    role="img"
    aria-labelledby="${id}"
    viewBox="0 0 ${COLUMNS} ${HEIGHT}"
    preserveAspectRatio="none"
  >
    <title id="${id}">${words}</title>
    <path class="ground" d="M0 12h${COLUMNS}" />
    <path class="ticks" d="M60 0v24M120 0v24M180 0v24" />
    ${Array.from(shades.values(), ({ className, height }, rank) => {
      const path = pathOf(columns, rank, height)
      return path !== '' && html`<path class="${className}" d="${path}" />`
    })}
  </svg>`
}
