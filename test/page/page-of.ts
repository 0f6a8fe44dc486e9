import { createPage } from '../../src/page/page.ts'
import type { Page } from '../../src/page/page.ts'
import { NOW } from './states.ts'
import type { State } from './states.ts'

const host = {
  name: 'ip-10-0-3-17',
  bootedAt: '2026-11-14T02:11:00.000Z',
  startedAt: '2026-11-25T17:01:40.000Z',
  version: '0.1.0',
  pid: 812,
}

/** The page of a host in a state, at 03:14:00. */
export const pageOf = ({ document, lines }: State): Promise<Page> =>
  createPage({ document: () => document, history: async () => lines, now: () => NOW, host: () => host })()

/** What a reader without styles and scripts gets: one line for each element that has text. */
export const textOf = ({ body }: Page): string =>
  body
    .replaceAll(/<(style|script)>[^]*?<\/\1>/g, '')
    .replaceAll(/<(title|svg|path)\b[^>]*>/g, '')
    .replaceAll(/<\/?(?:bdi|span|strong|code|time|a)\b[^>]*>/g, '')
    .replaceAll(/<[^>]+>/g, '\n')
    .replaceAll(
      /&(amp|lt|gt|quot|#39);/g,
      (_all, name: 'amp' | 'lt' | 'gt' | 'quot' | '#39') =>
        ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name],
    )
    .split('\n')
    .map(line => line.replaceAll(/\s+/g, ' ').trim())
    .filter(line => line !== '')
    .join('\n')
