/** Whether a path, relative to a configured directory, is excluded. */
export type IsExcluded = (path: string) => boolean

/**
 * `tests` excludes every folder of that name, at any depth. `shop/tests` excludes that folder alone, relative to a
 * configured directory. What is below an excluded folder is excluded too.
 */
export const excludedBy = (entries: readonly string[]): IsExcluded => {
  const excluded = entries.map(entry => entry.replace(/^\.\//, '').replace(/\/+$/, ''))
  return path =>
    excluded.some(entry =>
      entry.includes('/') ? path === entry || path.startsWith(`${entry}/`) : path.split('/').includes(entry),
    )
}
