import { isAscii } from 'node:buffer'

const CLASS = '\nclass Migration(migrations.Migration):\n'
const IMPORT = '\nfrom django.db import '
/** The rest of an import line that binds `migrations` under its own name, and no other name to it. */
const IMPORTED = /(?:[a-z_]+, )*migrations(?:, [a-z_]+)*\n/y
/** A use that could bind the name: any use but reading an attribute. */
const BINDING = /migrations(?!\.)/g
const IMPORTED_PATH = /import[^\n]*migrations\./

/**
 * What a plain migration does not contain. Each of these could hide, rebind or change a name, or make text look like a
 * line of code: triple quotes, other line ends, decorators, `import *`, a declared encoding, builtins that assign names. A
 * comment or a string may contain one of them too; the file is then tokenized. One expression takes half the time of a
 * search for each.
 */
const SUSPICIOUS = /[\r\0@*]|\\\n|"""|'''|coding|replaces|exec|eval|vars|locals|globals|setattr/

/**
 * Whether a source is certainly a migration that replaces nothing. True for what Django writes, without the cost of
 * tokenizing. False says nothing. If the source is valid Python, true means that tokenizing gives the same result.
 */
export const isPlainMigration = (source: Buffer): boolean => {
  if (!isAscii(source)) return false
  const text = `\n${source.toString('latin1')}`
  const at = text.indexOf(CLASS)
  if (at < 0 || SUSPICIOUS.test(text)) return false

  const nameAt = at + '\nclass '.length
  const baseAt = nameAt + 'Migration(migrations.'.length
  if (text.indexOf('Migration') !== nameAt || text.indexOf('Migration', nameAt + 1) !== baseAt) return false
  if (text.includes('Migration', baseAt + 1)) return false

  const importAt = text.indexOf(IMPORT)
  IMPORTED.lastIndex = importAt + IMPORT.length
  if (importAt < 0 || importAt > at || !IMPORTED.test(text)) return false
  return text.match(BINDING)?.length === 1 && !IMPORTED_PATH.test(text)
}
