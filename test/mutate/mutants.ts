import { parseSync, Visitor } from 'oxc-parser'
import type { Expression, PrivateIdentifier } from 'oxc-parser'

/** One change of a source text. */
export interface Mutant {
  readonly file: string
  /** Offsets in UTF-16 units. */
  readonly start: number
  readonly end: number
  readonly replacement: string
  /** Code that runs whenever the mutant can matter: V8 counts an operator with its right side. */
  readonly reachedAt: number
}

const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '&': ['|'],
  '|': ['&'],
  '&&': ['||'],
  '||': ['&&'],
  '??': ['&&'],
  '+=': ['-='],
  '-=': ['+='],
  '||=': ['='],
  '??=': ['='],
}

const METHODS: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  floor: 'ceil',
  ceil: 'floor',
  race: 'all',
}

interface Span {
  readonly start: number
  readonly end: number
}

type Operand = Expression | PrivateIdentifier

const isText = (node: Operand): boolean =>
  node.type === 'TemplateLiteral' ||
  (node.type === 'Literal' && typeof node.value === 'string') ||
  (node.type === 'BinaryExpression' && node.operator === '+' && (isText(node.left) || isText(node.right)))

const isNumber = (node: Operand): boolean => node.type === 'Literal' && typeof node.value === 'number'

/**
 * All mutants of a source text. Operators, conditions, numbers and booleans are exchanged; statements, guards and members
 * that are spread into an object are left out. Texts and regular expressions stay as they are.
 */
export const mutantsOf = (file: string, source: string): readonly Mutant[] => {
  const { program, errors } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`)
  const mutants: Mutant[] = []
  const types = new Set<number>()
  const add = ({ start, end }: Span, replacement: string, reachedAt: number = start): void => {
    mutants.push({ file, start, end, replacement, reachedAt })
  }
  const exchange = (
    operator: string,
    { left, right }: { readonly left: Span; readonly right: Span },
  ): void => {
    const start = source.indexOf(operator, left.end)
    if (start < 0 || start > right.start) return
    const end = start + operator.length
    for (const other of OPERATORS[operator] ?? []) add({ start, end }, other, left.start)
  }
  const decide = (test: Expression): void => {
    add(test, 'true')
    add(test, 'false')
  }
  new Visitor({
    TSLiteralType: ({ literal }) => void types.add(literal.start),
    BinaryExpression({ operator, left, right }) {
      if (operator === '+' && (isText(left) || isText(right))) return
      if (isNumber(left) && isNumber(right)) return
      exchange(operator, { left, right })
    },
    LogicalExpression: ({ operator, left, right }) => exchange(operator, { left, right }),
    AssignmentExpression: ({ operator, left, right }) => exchange(operator, { left, right }),
    UnaryExpression({ operator, start, argument }) {
      if (operator === '!' || operator === '-') add({ start, end: argument.start }, '')
    },
    IfStatement: ({ test }) => decide(test),
    ConditionalExpression: ({ test }) => decide(test),
    WhileStatement: ({ test }) => add(test, 'false'),
    ForOfStatement: ({ right }) => add(right, '[]'),
    Literal(node) {
      if (types.has(node.start)) return
      if (typeof node.value === 'boolean') add(node, String(!node.value))
      if (typeof node.value === 'number')
        add(node, node.value === 0 ? '1' : node.value === 1 ? '0' : String(2 * node.value))
    },
    MemberExpression({ property }) {
      const other = property.type === 'Identifier' ? METHODS[property.name] : undefined
      if (other) add(property, other)
    },
    ExpressionStatement(node) {
      const { type } = node.expression
      const isSuper = type === 'CallExpression' && node.expression.callee.type === 'Super'
      if (type !== 'Literal' && !isSuper) add(node, ';')
    },
    ReturnStatement(node) {
      if (!node.argument) add(node, ';')
    },
    ThrowStatement: node => add(node, ';'),
    BreakStatement: node => add(node, ';'),
    ContinueStatement: node => add(node, ';'),
    ObjectExpression({ properties }) {
      for (const property of properties) if (property.type === 'SpreadElement') add(property, '...{}')
    },
    ArrayExpression({ elements }) {
      for (const element of elements) if (element?.type === 'SpreadElement') add(element, '...[]')
    },
  }).visit(program)
  return mutants
}

/** The source text with a mutant in it. */
export const mutated = (source: string, { start, end, replacement }: Mutant): string =>
  source.slice(0, start) + replacement + source.slice(end)

/** The lines that a mutant touches, before and after it, each as one line of text. */
export const linesOf = (
  source: string,
  mutant: Mutant,
): { readonly before: string; readonly after: string } => {
  const from = source.lastIndexOf('\n', mutant.start - 1) + 1
  const newline = source.indexOf('\n', mutant.end)
  const to = newline < 0 ? source.length : newline
  const asOne = (text: string): string => text.trim().replaceAll(/\s+/g, ' ')
  const shift = mutant.replacement.length - (mutant.end - mutant.start)
  return {
    before: asOne(source.slice(from, to)),
    after: asOne(mutated(source, mutant).slice(from, to + shift)),
  }
}

/** file:line:column, for people and editors. */
export const placeOf = (source: string, { file, start }: Mutant): string => {
  const before = source.slice(0, start).split('\n')
  return `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
}
