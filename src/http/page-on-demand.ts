import type { Page, PageSource } from '../page/page.ts'

/** The page, whose code is loaded when somebody looks at it for the first time. */
export const createPageOnDemand = (source: PageSource): (() => Promise<Page>) => {
  let page: Promise<() => Promise<Page>> | undefined
  return async () => {
    page ??= import('../page/page.ts').then(({ createPage }) => createPage(source))
    return (await page)()
  }
}
