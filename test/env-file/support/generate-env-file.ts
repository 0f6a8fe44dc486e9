/** The names that generated files set, so that a shell can be asked for each. */
export const generatedNames = ['A', 'B', 'C_1', '_d', 'PATHX', 'e'] as const

/** A generator of numbers in [0, 1) that gives the same row for the same seed (mulberry32). */
export const createRandom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const plain = [
  'x',
  'two words',
  'é',
  '日本',
  '1',
  'k=v',
  'a#b',
  'a;b',
  'a:b',
  '%',
  '@',
  '\u{1f600}',
  '',
  '-',
  '.',
]
const quotes = [
  "'",
  '"',
  '`',
  "''",
  '""',
  "'q'",
  '"q"',
  '"a b"',
  "'a b'",
  '"it\'s"',
  '\'say "x"\'',
  '"a\\"b"',
]
const escapes = ['\\', '\\\\', '\\n', '\\"', "\\'", '\\$', '\\x', '\\ ', '\\\n', '\\\r\n', '"\\\n"', '\\`']
const expansions = [
  '$',
  '$A',
  '${A}',
  '${B}',
  '"$A"',
  '"${e}"',
  '$H',
  '${A:-x}',
  '$(x)',
  '$1',
  '{{x}}',
  '~',
  '*',
]
const marks = ['#', ' #', ' # c', ';', '; ', '&', '|', '<', '>', '<no value>', '<nil>', '(', ')', '!', '+']
const blanks = [' ', '  ', '\t', ' \t ', '\n', '\n\n', '\r\n', '\r', '\f', '\u00a0', '\u2028', '\ufeff']
const leads = [
  '',
  '',
  '',
  '',
  '',
  '',
  'export ',
  ' ',
  '\t',
  '#',
  '# ',
  ';',
  'export\t',
  '  export  ',
  'set -a\n',
  '\ufeff',
]
const equals = ['=', '=', '=', '=', '=', '=', ' = ', '= ', ' =', ': ', '', '+=', '==']

/**
 * A text that an environment file might hold, or nearly: lines of assignments, whose values are strung together from all
 * that any dialect gives a meaning.
 */
export const generateEnvFile = (random: () => number): string => {
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
  const plainness = random()
  const fragment = (): string => {
    if (random() < plainness) return pick(plain)
    return pick(pick([plain, quotes, quotes, escapes, expansions, marks, blanks]))
  }
  const value = (): string => {
    const text = Array.from({ length: Math.floor(random() * 5) }, fragment).join('')
    const quote = random()
    if (quote < 0.15) return `"${text}"`
    if (quote < 0.3) return `'${text}'`
    return text
  }
  const line = (): string => {
    const kind = random()
    if (kind < 0.08) return `#${value()}`
    if (kind < 0.1) return value()
    return pick(leads) + pick(generatedNames) + pick(equals) + value()
  }
  const lines = Array.from({ length: 1 + Math.floor(random() * 6) }, line)
  return lines.join(pick(['\n', '\n', '\n', '\r\n'])) + pick(['\n', '\n', ''])
}

/** Only what a shell takes as it stands: literals, quotes and names that are known. */
export const generateLiteralFile = (random: () => number): string => {
  const pick = <Item>(items: readonly [Item, ...Item[]]): Item =>
    items[Math.floor(random() * items.length)] ?? items[0]
  const fragment = (): string =>
    pick([
      pick(['x', 'é', '日', '1', 'k=v', 'a#b', '%', '@:', '-', '.', '/', ',', '+', '!', '^', ']', '}']),
      `'${pick(['a b', '"', '$A', '\\', '\n', '#', ';&|<>()', '`', ''])}'`,
      `"${pick(['a b', "'", '$A', '${B}', '\\"', '\\$', '\\x', '\\\\', '\\`', '\n', ' # ', ';&|<>()', '', '\\\n'])}"`,
      pick(['\\ ', '\\#', "\\'", '\\"', '\\$', '\\\\', '\\;', '\\&', '\\<', '\\a', '\\\n']),
    ])
  const known = (): string => (random() < 0.2 ? pick(['$A', '${A}', '$B', '${B}']) : '')
  const value = (): string => Array.from({ length: Math.floor(random() * 5) }, fragment).join(known())
  const assignment = (): string => `${pick(generatedNames)}=${value()}`
  const line = (): string => {
    const kind = random()
    if (kind < 0.1) return `# ${pick(['c', "it's", '"', '\\'])}`
    if (kind < 0.3) return `export ${assignment().replace(/[~*?[{]/g, '_')}`
    if (kind < 0.4) return `${assignment()}${pick([' ', '; ', ' ; '])}${assignment()}`
    if (kind < 0.5) return `${assignment()} # c`
    if (kind < 0.53) return pick(['set -a', 'set +a', 'export A', '', '  '])
    return assignment()
  }
  return `A=${pick(['1', 'a', '"a b"'])}\nB=${pick(['2', "'b c'"])}\n${Array.from({ length: 1 + Math.floor(random() * 5) }, line).join('\n')}\n`
}
