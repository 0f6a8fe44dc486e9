import { printable, printableValue } from '../lib/printable.ts'
import type { Terminal } from './terminal.ts'

/** What a command has to show, and its exit code. */
export interface Outcome<Document = unknown> {
  readonly code: number
  /** What machines get, with `--json`: one JSON document. */
  readonly document: Document
  /** What people get. It is made of `document` alone, of which every text is printable by then. */
  text(document: Document): string
  /** People get it on stderr: the command could not do what it was asked for. */
  readonly isProblem?: boolean
}

/** An outcome whose text is written for its own kind of document. */
export const outcomeOf = <Document>(outcome: Outcome<Document>): Outcome => outcome

/** What a person reads. Nothing in it can command a terminal but the colours that `text` itself sets. */
const forPeople = ({ document, text }: Pick<Outcome, 'document' | 'text'>): string =>
  text(printableValue(document))

/** One JSON document, indented. */
export const forMachines = (document: unknown): string =>
  `${printable(JSON.stringify(document, undefined, 2))}\n`

/** Prints an outcome for people or for machines, and answers its exit code. */
export const print = (
  outcome: Outcome,
  { out, err, json }: Terminal & { readonly json: boolean },
): number => {
  if (json) out(forMachines(outcome.document))
  if (outcome.isProblem) err(forPeople(outcome))
  else if (!json) out(forPeople(outcome))
  return outcome.code
}
