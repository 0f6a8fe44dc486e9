/** Breaks a text into lines of at most `columns` characters, between words; a longer word is broken in itself. */
export const wrap = (text: string, columns: number): readonly string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=\S)(?= )/)) {
    if (line !== '' && Array.from(line + word.trimEnd()).length > columns) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? word.trimStart() : word
    while (Array.from(line).length > columns) {
      const characters = Array.from(line)
      lines.push(characters.slice(0, columns).join(''))
      line = characters.slice(columns).join('')
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}
