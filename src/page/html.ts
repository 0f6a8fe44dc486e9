import { printable } from '../lib/printable.ts'

/**
 * Markup that is safe to send. Only the tag `html` makes it, and it escapes every text that is put in; so no text from an
 * app, a file or a database can become markup: the compiler takes no string where Html is asked for.
 */
export class Html {
  readonly #text: string

  private constructor(text: string) {
    this.#text = text
  }

  /** The tag of a template: see `html`. */
  static template(strings: TemplateStringsArray, ...parts: readonly Content[]): Html {
    let text = strings[0] ?? ''
    for (const [i, part] of parts.entries()) {
      if (text.endsWith('=')) throw new TypeError('quote this attribute')
      text += textOf(part) + (strings[i + 1] ?? '')
    }
    return new Html(text)
  }

  /** A text of this program for a `style` or `script` element, in which nothing is escaped. */
  static ownElement(name: 'style' | 'script', text: string): Html {
    if (/<\/|<!--/.test(text)) throw new TypeError(`this ends the ${name} element`)
    return new Html(`<${name}>${text}</${name}>`)
  }

  toString(): string {
    return this.#text
  }
}

/** What a template takes: texts and numbers are escaped, `undefined` and `false` are nothing. */
export type Content = Html | string | number | false | undefined | readonly Content[]

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Control characters, also those that turn the direction of writing, are shown as `\u202e`. */
const escaped = (text: string): string =>
  printable(text).replaceAll(/[&<>"']/g, character => entities[character] ?? '')

const textOf = (content: Content): string => {
  if (content === undefined || content === false) return ''
  if (content instanceof Html) return content.toString()
  if (typeof content === 'object') return content.map(textOf).join('')
  return escaped(String(content))
}

/** A template of markup. Everything that is put in is escaped, unless it is Html. Attributes must be quoted. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Content[]): Html =>
  Html.template(strings, ...parts)
