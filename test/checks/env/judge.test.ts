import t from 'tap'
import { fingerprint } from '../../../src/checks/env/environ.ts'
import { judge } from '../../../src/checks/env/judge.ts'
import { judgeProcess } from '../../../src/checks/env/judge-process.ts'
import { isPlaceholder } from '../../../src/checks/env/placeholder.ts'
import type { EnvFile, EnvProblem, EnvVariable } from '../../../src/env-file/env-file.ts'
import { messageOf } from './run-env.ts'

const known = (value = '1', exported = true): EnvVariable => ({ kind: 'known', value, line: 1, exported })
const unknown: EnvVariable = { kind: 'unknown', line: 7, why: 'it is the output of a command' }

const fileOf = (variables: Readonly<Record<string, EnvVariable>>, more: Partial<EnvFile> = {}) => ({
  path: '/env',
  file: { variables: new Map(Object.entries(variables)), problems: [], ...more },
})

const contractOf = (...required: string[]) => ({ required, allowEmpty: [], allowPlaceholder: [] })

const problem = (line: number, more: Partial<EnvProblem> = {}): EnvProblem => ({
  line,
  code: 'no-assignment',
  message: 'it assigns nothing',
  lost: 'line',
  ...more,
})
const problems = (count: number) => Array.from({ length: count }, (_, i) => problem(i + 1))

t.test('judge › a message names ten, and the evidence all', async t => {
  const names = Array.from({ length: 12 }, (_, i) => `A${i}`)
  const finding = judge([fileOf({})], contractOf(...names))
  t.equal(messageOf(finding), `missing: ${names.slice(0, 10).join(', ')} and 2 more`)
  t.strictSame(finding.evidence, { files: ['/env'], missing: names })
})

t.test('judge › the evidence has nothing that is empty, and twenty lines at most', async t => {
  t.strictSame(judge([fileOf({ A: known(), B: known() })], contractOf('A')), {
    status: 'pass',
    evidence: { files: ['/env'], variables: 2 },
  })
  const { evidence } = judge([fileOf({ A: known() }, { problems: problems(25) })], contractOf('A'))
  t.strictSame(evidence, {
    files: ['/env'],
    lines: problems(20).map(({ line }) => `/env:${line} no-assignment`),
  })
})

t.test('judge › a warning quotes the first line that is lost, and counts the others', async t => {
  const message = (count: number) =>
    messageOf(judge([fileOf({ A: known() }, { problems: problems(count) })], contractOf('A')))
  t.equal(message(1), '/env:1: it assigns nothing')
  t.equal(message(2), '/env:1: it assigns nothing (and 1 more lines)')
  t.equal(message(3), '/env:1: it assigns nothing (and 2 more lines)')
})

t.test('judge › a line by which nothing is lost is no warning, but one that is taken literally', async t => {
  const statusOf = (more: Partial<EnvProblem>) =>
    judge([fileOf({ A: known() }, { problems: [problem(1, more)] })], contractOf('A')).status
  t.equal(statusOf({ lost: 'nothing', code: 'duplicate' }), 'pass')
  t.equal(statusOf({ lost: 'nothing', code: 'value-taken-literally' }), 'warn')
  t.equal(statusOf({ lost: 'line', code: 'duplicate' }), 'warn')
})

t.test('judge › what is missing is told with the line that lost it', async t => {
  const message = (...found: EnvProblem[]) =>
    messageOf(judge([fileOf({}, { problems: found })], contractOf('A')))
  const other = problem(1, { variable: 'B' })
  const rest = problem(2, { lost: 'rest', code: 'syntax-error', message: 'the rest is lost' })
  const own = problem(3, { variable: 'A', message: 'it is dropped' })
  t.equal(message(other), 'missing: A')
  t.equal(message(other, own), 'missing: A (/env:3: it is dropped)')
  t.equal(message(other, rest, own), 'missing: A (/env:3: it is dropped)', 'its own line before others')
  t.equal(message(other, rest), 'missing: A (/env:2: the rest is lost)')
  t.equal(message({ ...own, lost: 'nothing' }), 'missing: A', 'by which nothing was lost')
})

t.test('judge › what is not known is told with the reason, and with the line that may set it', async t => {
  const contract = contractOf('A', 'B')
  t.equal(
    messageOf(judge([fileOf({ A: unknown, B: known() })], contract)),
    'not known: A (line 7: it is the output of a command)',
  )
  const openFrom = { line: 3, why: 'it runs another file' }
  t.equal(
    messageOf(judge([fileOf({ A: unknown }, { openFrom })], contract)),
    'not known: A (line 7: it is the output of a command), B (/env:3: it runs another file)',
  )
})

t.test('judge › a rule about all variables together is of the whole environment', async t => {
  const violations = [{ kind: 'invalid' as const, rule: 'must have B or C', certain: true }]
  const finding = judge([fileOf({ A: known() })], contractOf('A'), { violations })
  t.equal(messageOf(finding), 'invalid: the whole environment must have B or C')
  t.match(finding, { status: 'fail', evidence: { invalid: { '': 'must have B or C' } } })
})

const WRITTEN = Date.UTC(2026, 0, 1)
const times = { startedAt: '2026-01-01T00:00:01Z', filesWrittenAt: '2026-01-01T00:00:00Z' }

const judgeRunning = (
  has: Readonly<Record<string, string>>,
  {
    files,
    startedAtMs = WRITTEN + 1000,
    overwritten = false,
    declared = ['A', 'B'],
  }: {
    files: Readonly<Record<string, EnvVariable>>
    startedAtMs?: number
    overwritten?: boolean
    declared?: string[]
  },
) =>
  judgeProcess(
    {
      pid: 7,
      startedAtMs,
      overwritten,
      fingerprints: new Map(Object.entries(has).map(([name, value]) => [name, fingerprint(value)])),
    },
    { variables: new Map(Object.entries(files)), required: ['A'], declared, writtenAtMs: WRITTEN },
  )

t.test('process › one that has what the files set passes', async t => {
  t.strictSame(judgeRunning({ A: '1', OTHER: 'x' }, { files: { A: known() } }), {
    status: 'pass',
    evidence: { pid: 7, ...times },
  })
})

t.test('process › what is not known, or not exported, is not compared', async t => {
  t.match(judgeRunning({ A: '1', B: '2' }, { files: { A: known(), B: unknown } }), { status: 'pass' })
  t.match(judgeRunning({ A: '1', B: '2' }, { files: { A: known(), B: known('1', false) } }), {
    status: 'pass',
  })
})

t.test('process › a name that only the files have differs, if it is declared', async t => {
  const both = { A: known(), B: known() }
  t.match(judgeRunning({ A: '1' }, { files: both }), { status: 'warn', evidence: { differing: ['B'] } })
  t.match(judgeRunning({ A: '1' }, { files: both, declared: ['A'] }), { status: 'pass' })
  t.match(judgeRunning({ A: '1' }, { files: both, overwritten: true }), { status: 'pass' }, 'or lost')
})

t.test('process › names that are not declared are counted, and only if there are some', async t => {
  const warning = (files: Readonly<Record<string, EnvVariable>>, startedAtMs?: number) =>
    messageOf(
      judgeRunning({ A: '1', X: '1', Y: '1' }, { files, ...(startedAtMs !== undefined && { startedAtMs }) }),
    )
  t.match(warning({ A: known('2') }), 'differs from them (A);')
  t.match(warning({ A: known('2'), X: known('2'), Y: known('2') }), 'differs from them (A, 2 not declared);')
  t.match(warning({ A: known('2') }, WRITTEN), 'started after the files were written')
  t.match(warning({ A: known('2') }, WRITTEN - 1), 'runs on an older environment (A)')
})

t.test('process › one without a required name fails, unless it may have overwritten it', async t => {
  t.match(judgeRunning({}, { files: {} }), {
    status: 'fail',
    evidence: { pid: 7, ...times, absent: ['A'] },
  })
  t.match(judgeRunning({}, { files: {}, overwritten: true }), {
    status: 'unknown',
    reason: 'ENV_PROCESS_OVERWRITTEN',
    evidence: { pid: 7, ...times, absent: ['A'] },
  })
})

t.test('placeholder › what opens a template also closes it', async t => {
  for (const value of ['${A}', 'x${A}y', '{{A}}', '{{}}']) t.equal(isPlaceholder(value), true, value)
  for (const value of ['}${', '${A', 'a}}{{', '{{A', '{}}', '{{}', ''])
    t.equal(isPlaceholder(value), false, value)
})
