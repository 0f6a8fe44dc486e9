import { hostname, release } from 'node:os'

/** What a specifier stands for depends on these. */
export interface UnitNames {
  /** The unit whose settings are read: `health-sidecar@shop.service`. */
  readonly unit: string
  /** The unit that runs with them. Its credentials are in a directory of its own. */
  readonly runsAs: string
}

/** A part of a unit's name without its escapes (systemd-escape(1)). */
const unescaped = (part: string): string => {
  const bytes = part
    .replaceAll('-', '/')
    .replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Of systemd.unit(5), for units of the system: what a letter after `%` stands for. */
const VALUES: Readonly<Record<string, (names: UnitNames) => string>> = {
  '%': () => '%',
  n: ({ unit }) => unit,
  N: ({ unit }) => nameOf(unit).name,
  p: ({ unit }) => nameOf(unit).prefix,
  P: ({ unit }) => unescaped(nameOf(unit).prefix),
  i: ({ unit }) => nameOf(unit).instance,
  I: ({ unit }) => unescaped(nameOf(unit).instance),
  j: ({ unit }) => nameOf(unit).lastOfPrefix,
  J: ({ unit }) => unescaped(nameOf(unit).lastOfPrefix),
  f: ({ unit }) => `/${unescaped(nameOf(unit).instance || nameOf(unit).prefix)}`,
  d: ({ runsAs }) => `/run/credentials/${runsAs}`,
  t: () => '/run',
  S: () => '/var/lib',
  C: () => '/var/cache',
  L: () => '/var/log',
  E: () => '/etc',
  T: () => '/tmp',
  V: () => '/var/tmp',
  h: () => '/root',
  H: () => hostname(),
  l: () => hostname().replace(/\..*/, ''),
  v: () => release(),
}

/** Those that systemd knows too. */
const OTHERS = /[aAbBmMoqsuUgGwWyY]/

const nameOf = (unit: string) => {
  const name = unit.replace(/\.service$/, '')
  const at = name.indexOf('@')
  const prefix = at < 0 ? name : name.slice(0, at)
  return {
    name,
    prefix,
    instance: at < 0 ? '' : name.slice(at + 1),
    lastOfPrefix: prefix.slice(prefix.lastIndexOf('-') + 1),
  }
}

/** The specifiers of a text that systemd replaces, and `specified` does not. */
export const unknownSpecifiers = (text: string): readonly string[] =>
  Array.from(text.matchAll(/%(.)/g), ([specifier]) => specifier).filter(([, letter = '']) =>
    OTHERS.test(letter),
  )

/** A setting's text, as systemd reads it: each specifier is replaced. What it does not know either stays as it is. */
export const specified = (text: string, names: UnitNames): string =>
  text.replaceAll(/%(.)/g, (whole, letter: string) => VALUES[letter]?.(names) ?? whole)
