import { readFileSync } from 'node:fs'

/** Texts of this program that are no code of it. */
export interface OwnTexts {
  readonly style: string
  readonly script: string
  /** docs/reasons.md */
  readonly reasons: string
}

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

/** The build replaces this module by the texts. */
export const ownTexts = (): OwnTexts => ({
  style: read('browser/page.css'),
  script: read('browser/refresh.js'),
  reasons: read('../../docs/reasons.md'),
})
