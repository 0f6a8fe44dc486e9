/** A character of a word, or half of a character that JavaScript writes as two. */
const WORD = /[\p{L}\p{M}\p{N}\p{Cs}_]/u
/** Between two word characters, these join a version: `1.2.3`, `1.2-rc1`, `1.2+build5`, `1.2~beta`. */
const JOINER = /[.+~-]/

const isWord = (character: string | undefined): boolean => character !== undefined && WORD.test(character)

/** Whether a release's text goes on beyond an end of it; `near` is the next character, and `far` the one after that. */
const goesOn = (near: string | undefined, far: string | undefined): boolean =>
  isWord(near) || (near !== undefined && JOINER.test(near) && isWord(far))

/** Whether a text names a release as a word of its own: `1.2.3` is neither in `1.2.34` nor in `v1.2.3` nor in `1.2.3-rc1`. */
export const containsRelease = (text: string, release: string): boolean => {
  for (let at = text.indexOf(release); at >= 0; at = text.indexOf(release, at + 1)) {
    const end = at + release.length
    if (!goesOn(text[at - 1], text[at - 2]) && !goesOn(text[end], text[end + 1])) return true
  }
  return false
}

/**
 * Whether a release is unlikely to be on a page by chance. `12`, `main` and `1.0` are on many pages: as a number, as an
 * element, as a scale.
 */
export const isTellingRelease = (release: string): boolean => {
  if (/^\d+$/.test(release)) return release.length >= 6
  return (release.length >= 5 && /\d/.test(release)) || /^[0-9a-f]{7,}$/i.test(release)
}

const plain = (release: string): string => release.toLowerCase().replace(/^v(?=\d)/, '')

/** Whether two texts mean one release, but are written differently: `v1.2` and `1.2`, `ABC` and `abc`. */
export const sameButForStyle = (one: string, other: string): boolean => plain(one) === plain(other)
