import { globSync } from 'node:fs'

/** The manual: the front page, and every page of docs/. */
export const manual: readonly string[] = ['README.md', ...globSync('docs/**/*.md').sort()]

interface Line {
  readonly text: string
  /** The heading that the line is below; of a heading, itself. */
  readonly heading: string
  /** Whether the line is in a fenced block, or one of its fences. */
  readonly isCode: boolean
}

const FENCE = /^\s*```/

const linesOf = (page: string): readonly Line[] => {
  let isOpen = false
  let heading = ''
  return page.split('\n').map(text => {
    const isFence = FENCE.test(text)
    const isCode = isOpen || isFence
    if (isFence) isOpen = !isOpen
    if (!isCode) heading = /^#+ +(.*)$/.exec(text)?.[1] ?? heading
    return { text, heading, isCode }
  })
}

const isRow = ({ text, isCode }: Line): boolean => !isCode && text.startsWith('|')

/** Lines that people read as text: not those of code, and not the rows of tables. */
export const proseLines = (page: string): readonly string[] =>
  linesOf(page)
    .filter(line => !line.isCode && !isRow(line))
    .map(({ text }) => text)

/** The bodies of the fenced blocks that are marked as this language. */
export const codeBlocks = (page: string, language: string): readonly string[] =>
  Array.from(page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm')), ([, body = '']) => body)

export interface Table {
  /** The heading that it is below. */
  readonly heading: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const cellsOf = (row: string): readonly string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map(cell => cell.trim())

/** The tables of a page, in order. */
export const tablesOf = (page: string): readonly Table[] => {
  const lines = linesOf(page)
  return lines.flatMap((line, first) => {
    const before = lines[first - 1]
    if (!isRow(line) || (before && isRow(before))) return []
    const afterwards = lines.findIndex((other, i) => i > first && !isRow(other))
    const rows = lines.slice(first + 2, afterwards === -1 ? undefined : afterwards)
    return [
      { heading: line.heading, columns: cellsOf(line.text), rows: rows.map(({ text }) => cellsOf(text)) },
    ]
  })
}

/** Where the links of a page lead: paths, anchors and addresses. */
export const linksOf = (page: string): readonly string[] =>
  linesOf(page)
    .filter(({ isCode }) => !isCode)
    .flatMap(({ text }) => Array.from(text.matchAll(/\]\(([^()\s]+)\)/g), ([, target = '']) => target))

/** What `#…` may name on a page, as GitHub makes it of the headings. */
export const anchorsOf = (page: string): readonly string[] => {
  const seen = new Map<string, number>()
  return linesOf(page)
    .filter(({ text, isCode }) => !isCode && /^#+ /.test(text))
    .map(({ heading }) => {
      const anchor = heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-')
      const times = seen.get(anchor) ?? 0
      seen.set(anchor, times + 1)
      return times === 0 ? anchor : `${anchor}-${times}`
    })
}
