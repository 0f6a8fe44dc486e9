/** A part of a word: literal text, the value of a variable, or something that only a shell can evaluate. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly quoted: boolean }
  | { readonly kind: 'unknowable'; readonly why: string }

export interface Word {
  readonly pieces: readonly Piece[]
}

/** Words up to a line end, `;` or `&`. */
export interface ShellCommand {
  readonly line: number
  readonly words: readonly Word[]
  /** `cmd &` runs in a subshell, so its assignments are lost. */
  readonly inBackground: boolean
}

/** Why parsing stops before the end of the file. */
export type ShellStop =
  /** Every shell stops here. It ignores this line and the rest of the file. */
  | {
      readonly kind: 'syntax-error'
      readonly line: number
      readonly message: string
      readonly code: SyntaxError
    }
  /** From here on, nothing is known without running the file. */
  | { readonly kind: 'opaque'; readonly line: number; readonly why: string }

type SyntaxError = 'syntax-error' | 'quote-unclosed'

/** What a shell parses before it runs any of it: the commands of a line, or a stop. */
export type ShellLine = { readonly kind: 'commands'; readonly commands: readonly ShellCommand[] } | ShellStop

const opaque = (line: number, why: string): ShellStop => ({ kind: 'opaque', line, why })

const syntaxError = (line: number, message: string, code: SyntaxError = 'syntax-error'): ShellStop => ({
  kind: 'syntax-error',
  line,
  message,
  code,
})

const isStop = (value: Piece | ShellStop): value is ShellStop =>
  value.kind === 'opaque' || value.kind === 'syntax-error'

const keywords = 'case|coproc|do|done|elif|else|esac|fi|for|function|if|in|select|then|time|until|while'
const plain = '[A-Za-z0-9_./:@%+=, \\t-]'
const bare = `(?!(?:${keywords})\\b)[A-Za-z/]${plain}*`
const withQuotes = `${bare}(?:(?:'[^'\\n]*'|"[^"\`\\\\$\\n]*")${plain}*)*`
const piped = (command: string): string => `[ \\t]*${command}(?:\\|[ \\t]*${command})*`
/** `$(command word | command word)`: so simple that every shell parses it alike. */
const substitution = new RegExp(`\\$\\(${piped(withQuotes)}\\)|\`${piped(bare)}\``, 'y')
/** The POSIX expansions that neither assign nor fail, with plain text inside. */
const transformed =
  /\$\{(?:#[A-Za-z_][A-Za-z0-9_]*|[A-Za-z_][A-Za-z0-9_]*(?::?[-+]|%%?|##?)[A-Za-z0-9_./:@, -]*)\}/y

/** Splits the text of a file into the words of its commands (POSIX.1-2017, Shell Command Language, section 2.3). */
class Reader {
  readonly #text: string
  #at = 0
  #line = 1

  constructor(text: string) {
    this.#text = text
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  #peek(offset = 0): string {
    return this.#text[this.#at + offset] ?? ''
  }

  #take(length = 1): string {
    const taken = this.#text.slice(this.#at, this.#at + length)
    this.#at += length
    this.#line += taken.split('\n').length - 1
    return taken
  }

  #takeMatch(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)?.[0]
    return match === undefined ? undefined : this.#take(match.length)
  }

  /** Reads up to and including the next line end that ends a command. */
  readLine(): ShellLine {
    const commands: ShellCommand[] = []
    let words: Word[] = []
    let line = this.#line
    const end = (inBackground: boolean): void => {
      commands.push({ line, words, inBackground })
      words = []
    }
    for (;;) {
      this.#takeMatch(/(?:[ \t]|\\\n)+/y)
      if (words.length === 0) line = this.#line
      const c = this.#peek()
      if (c === '#') this.#takeMatch(/[^\n]*/y)
      else if (c === '' || c === '\n') {
        this.#take()
        if (words.length > 0) end(false)
        return { kind: 'commands', commands }
      } else if (c === ';' || c === '&') {
        if (words.length === 0)
          return syntaxError(line, `there is no command before the ${c}; the shell stops reading here`)
        if (this.#peek(1) === c) return this.#doubled(c)
        end(this.#take() === '&')
      } else if ('|<>()'.includes(c)) return this.#operator(c)
      else {
        const word = this.#word()
        if ('kind' in word) return word
        words.push(word)
      }
    }
  }

  #doubled(c: string): ShellStop {
    return c === ';'
      ? syntaxError(this.#line, 'there is a ;; outside of a case; the shell stops reading here')
      : opaque(this.#line, 'it depends on the exit code of a command')
  }

  #operator(c: string): ShellStop {
    const line = this.#line
    const rest = this.#text.slice(
      this.#at,
      (this.#text.indexOf('\n', this.#at) + 1 || this.#text.length + 1) - 1,
    )
    const dangling = /^[^'"`\\$#()&|;]*[<>][ \t]*$/.test(rest)
    return dangling
      ? syntaxError(
          line,
          `an unquoted ${c} needs a file name, so the shell stops reading here; quote the value`,
        )
      : opaque(line, `an unquoted ${c} turns the line into a command`)
  }

  #word(): Word | ShellStop {
    const pieces: Piece[] = []
    const add = (piece: Piece): void => {
      const last = pieces.at(-1)
      if (piece.kind === 'text' && last?.kind === 'text' && last.quoted === piece.quoted)
        pieces[pieces.length - 1] = { ...last, text: last.text + piece.text }
      else pieces.push(piece)
    }
    while (!this.atEnd && !' \t\n;&|<>()'.includes(this.#peek())) {
      const c = this.#peek()
      if (c === "'") {
        const line = this.#line
        const quoted = this.#takeMatch(/'[^']*'/y)
        if (quoted === undefined) return this.#unclosed(line)
        add({ kind: 'text', text: quoted.slice(1, -1), quoted: true })
      } else if (c === '"') {
        const stop = this.#doubleQuoted(add)
        if (stop) return stop
      } else if (c === '\\') {
        const escaped = this.#take(2)
        if (escaped === '\\') add({ kind: 'unknowable', why: 'the file ends in a backslash' })
        else if (escaped !== '\\\n') add({ kind: 'text', text: escaped.slice(1), quoted: true })
      } else if (c === '$' || c === '`') {
        const piece = this.#expansion(false)
        if (isStop(piece)) return piece
        add(piece)
      } else add({ kind: 'text', text: this.#takeMatch(/[^ \t\n;&|<>()'"\\$`]+/y) ?? '', quoted: false })
    }
    return { pieces }
  }

  #doubleQuoted(add: (piece: Piece) => void): ShellStop | undefined {
    const line = this.#line
    this.#take()
    add({ kind: 'text', text: '', quoted: true })
    for (;;) {
      const c = this.#peek()
      if (c === '') return this.#unclosed(line)
      if (c === '"') {
        this.#take()
        return undefined
      }
      if (c === '\\') {
        const escaped = this.#take(2)
        if (escaped !== '\\\n')
          add({ kind: 'text', text: escaped.replace(/^\\(?=["\\`$])/, ''), quoted: true })
      } else if (c === '$' || c === '`') {
        const piece = this.#expansion(true)
        if (isStop(piece)) return piece
        add(piece)
      } else add({ kind: 'text', text: this.#takeMatch(/[^"\\$`]+/y) ?? '', quoted: true })
    }
  }

  #unclosed(line: number): ShellStop {
    const message =
      'a quote opens here and never closes; the shell reads neither this line nor the rest of the file'
    return syntaxError(line, message, 'quote-unclosed')
  }

  #expansion(quoted: boolean): Piece | ShellStop {
    const name = this.#takeMatch(/\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})/y)
    if (name !== undefined) return { kind: 'variable', name: name.replace(/[${}]/g, ''), quoted }
    if (this.#takeMatch(transformed) !== undefined)
      return { kind: 'unknowable', why: 'it uses an expansion that only a shell can evaluate' }
    if (this.#takeMatch(substitution) !== undefined)
      return { kind: 'unknowable', why: 'it is the output of a command' }

    const next = this.#peek() === '$' ? this.#peek(1) : this.#peek()
    if (next !== '' && '`({['.includes(next))
      return opaque(this.#line, 'it contains an expansion that only a shell can evaluate')
    if (!quoted && (next === "'" || next === '"'))
      return opaque(this.#line, 'shells differ on what a quote after a $ means')
    if (!/[0-9*@#?!$-]/.test(next)) return { kind: 'text', text: this.#take(), quoted }
    this.#take(2)
    return { kind: 'unknowable', why: 'it uses a special parameter that only a running shell knows' }
  }
}

/** Parses the lines of a file one by one, as a shell does, up to the point where it stops. Runs nothing. */
export function* readShellLines(text: string): Generator<ShellLine, void, void> {
  const reader = new Reader(text)
  while (!reader.atEnd) {
    const line = reader.readLine()
    yield line
    if (line.kind !== 'commands') return
  }
}
