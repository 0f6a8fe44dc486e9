import type { Figures } from './figures.ts'

/** What `--json` prints. */
export interface Report {
  readonly seed: number
  readonly traces: number
  readonly hosts: number
  readonly policies: Readonly<Record<string, Figures>>
}
