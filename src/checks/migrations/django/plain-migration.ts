import { isAscii } from 'node:buffer'

const CLASS = '\nclass Migration(migrations.Migration):\n'
const IMPORT = '\nfrom django.db import '
/** The rest of a line that imports `migrations` under its own name and binds no other name to it. */
const IMPORTED = /(?:[a-z_]+, )*migrations(?:, [a-z_]+)*\n/y
/** Anything but the request for an attribute, so that it may bind the name. */
const BINDING = /migrations(?!\.)/g
const IMPORTED_PATH = /import[^\n]*migrations\./

/**
 * What a plain migration does not hold. Each could hide, rebind or change a name, or let a line be read that is none:
 * quotes of three, line ends of other kinds, decorators, `import *`, a declared encoding. Comments and strings that hold
 * one are no matter: the file is then read in full.
 */
const SUSPICIOUS = ['\r', '\0', '@', '*', '\\\n', '"""', "'''", 'coding', 'replaces']

/**
 * Whether a source is surely a migration that replaces nothing: true for what Django writes, without dividing it into
 * tokens. False says nothing. True means that reading it in full would come to the same, if it is Python at all.
 */
export const isPlainMigration = (source: Buffer): boolean => {
  if (!isAscii(source)) return false
  const text = `\n${source.toString('latin1')}`
  const at = text.indexOf(CLASS)
  if (at < 0 || SUSPICIOUS.some(word => text.includes(word))) return false

  const nameAt = at + '\nclass '.length
  const baseAt = nameAt + 'Migration(migrations.'.length
  if (text.indexOf('Migration') !== nameAt || text.lastIndexOf('Migration') !== baseAt) return false
  if (text.indexOf('Migration', nameAt + 1) !== baseAt) return false

  const importAt = text.indexOf(IMPORT)
  IMPORTED.lastIndex = importAt + IMPORT.length
  if (importAt < 0 || importAt > at || !IMPORTED.test(text)) return false
  return text.match(BINDING)?.length === 1 && !IMPORTED_PATH.test(text)
}
