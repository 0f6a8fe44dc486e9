/** `a, b and 3 more`: the first `most` names, and how many follow. */
export const listNames = (names: readonly string[], most: number): string => {
  const more = names.length - most
  return names.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
