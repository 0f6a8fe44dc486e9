import { isName, isOperator } from './statements.ts'
import type { LogicalLine, Token } from './token.ts'

/** A module as an import names it: `..choices` has the level 2 and the path `choices`. */
export interface ModuleName {
  /** The dots before the path; 0 for an absolute import. */
  readonly level: number
  /** Without the dots before it; may be empty. */
  readonly path: string
}

export interface Binding {
  /** The name that is bound. */
  readonly name: string
  readonly module: ModuleName
  /** What of the module is bound; undefined for the module itself. */
  readonly attribute?: string
}

export interface Import {
  readonly bindings: readonly Binding[]
  /** The module whose names are all imported: `from x import *`. */
  readonly all?: ModuleName
}

/** What an import binds. Undefined for a line that is no import, or is one that is not understood. */
export const importIn = ({ tokens }: LogicalLine): Import | undefined => {
  const reader = new ImportReader(tokens)
  if (isName(tokens[0], 'import')) return reader.modules()
  if (isName(tokens[0], 'from')) return reader.names()
  return undefined
}

class ImportReader {
  readonly #tokens: readonly Token[]
  #at = 1

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** `import a.b, c as d`: without `as`, the first part is bound. */
  modules(): Import | undefined {
    const bindings: Binding[] = []
    do {
      const path = this.#path()
      if (path === '') return undefined
      const alias = this.#alias()
      if (alias === '') return undefined
      const [first = ''] = path.split('.')
      bindings.push(
        alias === undefined
          ? { name: first, module: { level: 0, path: first } }
          : { name: alias, module: { level: 0, path } },
      )
    } while (this.#skip(','))
    return this.#ended() ? { bindings } : undefined
  }

  /** `from ..a import b as c, d` */
  names(): Import | undefined {
    let level = 0
    for (;;)
      if (this.#skip('.')) level += 1
      else if (this.#skip('...')) level += 3
      else break
    const module = { level, path: this.#path('import') }
    if (!this.#skipName('import')) return undefined
    if (this.#skip('*')) return this.#ended() ? { bindings: [], all: module } : undefined
    const open = this.#skip('(')
    const bindings: Binding[] = []
    do {
      if (open && bindings.length > 0 && isOperator(this.#tokens[this.#at], ')')) break
      const attribute = this.#name()
      const alias = this.#alias()
      if (attribute === '' || alias === '') return undefined
      bindings.push({ name: alias ?? attribute, module, attribute })
    } while (this.#skip(','))
    if (open && !this.#skip(')')) return undefined
    return this.#ended() ? { bindings } : undefined
  }

  /** The name after `as`: empty if there is none, undefined without `as`. */
  #alias(): string | undefined {
    return this.#skipName('as') ? this.#name() : undefined
  }

  #path(end?: string): string {
    const parts: string[] = []
    do {
      if (end !== undefined && parts.length === 0 && isName(this.#tokens[this.#at], end)) return ''
      const part = this.#name()
      if (part === '') return ''
      parts.push(part)
    } while (this.#skip('.'))
    return parts.join('.')
  }

  #name(): string {
    const token = this.#tokens[this.#at]
    if (token?.type !== 'name') return ''
    this.#at++
    return token.text
  }

  #skip(operator: string): boolean {
    const found = isOperator(this.#tokens[this.#at], operator)
    if (found) this.#at++
    return found
  }

  #skipName(name: string): boolean {
    const found = isName(this.#tokens[this.#at], name)
    if (found) this.#at++
    return found
  }

  #ended(): boolean {
    return this.#at >= this.#tokens.length
  }
}

/** A dotted name in a message, and as a key: `..choices`. */
export const spelledModule = ({ level, path }: ModuleName): string => '.'.repeat(level) + path
