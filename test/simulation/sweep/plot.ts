/** One value of a setting, and what was measured with it. */
export interface Point {
  readonly label: string
  readonly isDefault: boolean
  readonly value: number
  /** The ends of its confidence interval. */
  readonly low: number
  readonly high: number
}

/** Settings side by side, measures below each other: each cell is a curve. */
export interface Plot {
  readonly title: string
  /** The text alternative: what the curves show. */
  readonly description: string
  /** The settings, with the unit of their values. */
  readonly columns: readonly string[]
  /** What a cell says that has no points. */
  readonly empty: string
  /** Below all cells: what shading and bars mean. */
  readonly note: string
  readonly rows: readonly {
    /** A measure, with its unit. */
    readonly title: string
    /** A curve for each column; without points where nothing was measured. */
    readonly curves: readonly (readonly Point[])[]
  }[]
}

const CELL = { width: 186, height: 96 }
const GAP = { x: 18, y: 30 }
const MARGIN = { left: 150, top: 58, right: 12, bottom: 46 }

/** Colours of both schemes. A picture in a page follows the reader's scheme by itself. */
const STYLE = `
  svg { font: 12px system-ui, sans-serif; fill: #1f2328; background: #fff }
  .axis { stroke: #d1d9e0 } .curve { fill: none; stroke: #0969da; stroke-width: 2 }
  .interval { stroke: #0969da; stroke-opacity: .45; stroke-width: 5 } .point { fill: #0969da }
  .default { fill: #9a6700; fill-opacity: .16 } .title { font-weight: 600 } .tick { font-size: 10px; fill: #59636e }
  @media (prefers-color-scheme: dark) {
    svg { fill: #f0f6fc; background: #0d1117 } .axis { stroke: #3d444d } .curve { stroke: #4493f8 }
    .interval { stroke: #4493f8 } .point { fill: #4493f8 } .default { fill: #d29922; fill-opacity: .26 } .tick { fill: #9198a1 }
  }`

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const rounded = (value: number): string => String(Math.round(value * 10) / 10)

/** The least of 1, 2 and 5 times a power of ten that is not below the value: the top of an axis. */
export const axisTop = (value: number): number => {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map(step => step * power).find(top => top >= value * (1 - 1e-9)) ?? 10 * power
}

const text = (
  x: number,
  y: number,
  content: string,
  { anchor = 'start', name = '' }: { readonly anchor?: string; readonly name?: string } = {},
): string =>
  `<text x="${rounded(x)}" y="${rounded(y)}" text-anchor="${anchor}"${name && ` class="${name}"`}>${escaped(content)}</text>`

const cell = (
  points: readonly Point[],
  { left, top, max }: { readonly left: number; readonly top: number; readonly max: number },
): string => {
  const bottom = top + CELL.height
  const step = CELL.width / Math.max(points.length, 1)
  const xOf = (index: number) => left + (index + 0.5) * step
  const yOf = (value: number) => bottom - (Math.min(value, max) / max) * CELL.height
  const line = points.map(({ value }, i) => `${rounded(xOf(i))},${rounded(yOf(value))}`).join(' ')
  return [
    ...points.map(({ isDefault }, i) =>
      isDefault
        ? `<rect class="default" x="${rounded(xOf(i) - step / 2)}" y="${top}" width="${rounded(step)}" height="${CELL.height}"/>`
        : '',
    ),
    ...[0, 0.5, 1].map(share => {
      const y = rounded(bottom - share * CELL.height)
      return `<line class="axis" x1="${left}" y1="${y}" x2="${left + CELL.width}" y2="${y}"/>`
    }),
    ...points.map(({ low, high }, i) =>
      high > low
        ? `<line class="interval" x1="${rounded(xOf(i))}" y1="${rounded(yOf(low))}" x2="${rounded(xOf(i))}" y2="${rounded(yOf(high))}"/>`
        : '',
    ),
    `<polyline class="curve" points="${line}"/>`,
    ...points.map(
      ({ label, value, low, high }, i) =>
        `<circle class="point" cx="${rounded(xOf(i))}" cy="${rounded(yOf(value))}" r="3"><title>${escaped(`${label}: ${rounded(value)} (${rounded(low)} to ${rounded(high)})`)}</title></circle>`,
    ),
  ]
    .filter(Boolean)
    .join('\n')
}

/** Draws a plot as an SVG document of its own: no script, no font and no reference to anything else. */
export const drawPlot = ({ title, description, columns, rows, empty, note }: Plot): string => {
  const leftOf = (column: number) => MARGIN.left + column * (CELL.width + GAP.x)
  const topOf = (row: number) => MARGIN.top + row * (CELL.height + GAP.y)
  const width = leftOf(columns.length) - GAP.x + MARGIN.right
  const height = topOf(rows.length) - GAP.y + MARGIN.bottom
  const longestOf = (curves: readonly (readonly Point[])[]) =>
    curves.reduce((longest, curve) => (curve.length > longest.length ? curve : longest), [])
  const valuesBelow = (points: readonly Point[], column: number) =>
    points.map(({ label }, i) =>
      text(leftOf(column) + ((i + 0.5) * CELL.width) / points.length, height - MARGIN.bottom + 14, label, {
        anchor: 'middle',
        name: 'tick',
      }),
    )
  const body = rows.flatMap(({ title, curves }, row) => {
    const max = axisTop(Math.max(0, ...curves.flat().map(({ high, value }) => Math.max(high, value))))
    const top = topOf(row)
    return [
      ...title
        .split('\n')
        .map((part, i) => text(8, top + 14 + i * 15, part, { name: i === 0 ? 'title' : 'tick' })),
      text(MARGIN.left - 6, top + 4, rounded(max), { anchor: 'end', name: 'tick' }),
      text(MARGIN.left - 6, top + CELL.height + 4, '0', { anchor: 'end', name: 'tick' }),
      ...curves.map((points, column) => {
        const left = leftOf(column)
        return points.length === 0
          ? text(left + CELL.width / 2, top + CELL.height / 2, empty, { anchor: 'middle', name: 'tick' })
          : cell(points, { left, top, max })
      }),
    ]
  })
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(description)}</desc>`,
    `<style>${STYLE}\n</style>`,
    text(8, 20, title, { name: 'title' }),
    ...columns.map((column, i) => text(leftOf(i), MARGIN.top - 12, column, { name: 'title' })),
    ...body,
    ...columns.flatMap((_, i) => valuesBelow(longestOf(rows.map(({ curves }) => curves[i] ?? [])), i)),
    text(MARGIN.left, height - 8, note, { name: 'tick' }),
    '</svg>',
  ].join('\n')}\n`
}
