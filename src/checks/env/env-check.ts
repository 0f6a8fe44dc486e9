import { dirname } from 'node:path'
import type { Check } from '../../core/check.ts'
import type { EnvFinding, EnvReason } from './reasons.ts'
import type { GeneralReason } from '../../core/reason.ts'
import { TIME_IS_UP, beforeAbort } from '../../lib/deadline.ts'
import { mostSevere } from '../../core/status.ts'
import { defaultDialect } from '../../env-file/dialect.ts'
import { fileSource } from '../../env-file/file-source.ts'
import { mergeFiles } from '../../env-file/merge-files.ts'
import { parseEnvFile } from '../../env-file/parse-env-file.ts'
import { stampFile } from '../../env-file/read-text.ts'
import type { FileFault } from '../../env-file/read-text.ts'
import { createCachedFile } from '../../env-file/cached-file.ts'
import { settlesInMs } from '../../files/stamp.ts'
import type { FileStamp } from '../../files/stamp.ts'
import type { EnvConfig } from './config.ts'
import { createSchemaComparison } from './compare-schema.ts'
import type { Comparison, SchemaComparison } from './compare-schema.ts'
import { createContract, unusableSchema } from './contract.ts'
import { declaredNames, knownValues, mandatoryNames } from './flaws.ts'
import { judgeProcess } from './judge-process.ts'
import { judge } from './judge.ts'
import { followProcess } from './followed-process.ts'

type WallClock = () => number

/** Whether a file changed a moment ago, so it may not be complete yet. */
const isSettling = (stamp: FileStamp, wallClock: WallClock): boolean => settlesInMs(stamp, wallClock()) > 0

const faulty = async (
  faults: readonly (FileFault & { readonly path: string })[],
  wallClock: WallClock,
): Promise<EnvFinding> => {
  const evidence = { files: faults.map(({ path }) => path) }
  const message = faults.map(fault => fault.message).join('; ')
  const missing = faults.filter(({ code }) => code === 'missing')
  if (missing.length === 0) return { status: 'unknown', reason: 'ENV_FILE_UNREADABLE', message, evidence }
  const folders = await Promise.all(missing.map(({ path }) => stampFile(dirname(path))))
  const settling = folders.every(folder => 'stamp' in folder && isSettling(folder.stamp, wallClock))
  return { status: settling ? 'unknown' : 'fail', reason: 'ENV_FILE_MISSING', message, evidence }
}

/** A failure that may come of files that were not complete when they were read proves nothing. */
const unlessSettling = (finding: EnvFinding, wereSettling: boolean): EnvFinding => {
  if (finding.status !== 'fail' || !wereSettling) return finding
  const message = `a file changed less than 3 s ago and may not be complete yet: ${finding.message}`
  return { ...finding, status: 'unknown', message }
}

/** The more severe of two findings, with the messages and evidence of both. */
const combine = (files: EnvFinding, process: EnvFinding): EnvFinding => {
  const worse = mostSevere([files.status, process.status]) === files.status ? files : process
  const evidence = { ...files.evidence, process: process.evidence ?? {} }
  if (worse.status === 'pass') return { ...worse, evidence }
  const messages = [worse, worse === files ? process : files].flatMap(finding =>
    finding.status === 'pass' ? [] : [finding.message],
  )
  return { ...worse, message: messages.join('; '), evidence }
}

const schemaProblem = (path: string, problem: Exclude<Comparison, { kind: 'compared' }>): EnvFinding =>
  problem.kind === 'unusable'
    ? unusableSchema(path, problem.message)
    : {
        status: 'unknown',
        reason: 'ENV_SCHEMA_SLOW',
        message: `${path}: ${problem.message}`,
        evidence: { path },
      }

const createRun = (
  config: EnvConfig,
  options: { readonly comparison: SchemaComparison; readonly wallClock: WallClock },
): ((signal: AbortSignal) => Promise<EnvFinding>) => {
  const contract = createContract(config)
  const { comparison, wallClock } = options
  const process = config.process && followProcess(config.process)
  const files = config.files.map(file => {
    const { path, dialect, optional } = fileSource(file, defaultDialect)
    return {
      path,
      optional,
      cached: createCachedFile(path, text => parseEnvFile(text, dialect), { wallClock }),
    }
  })

  return async signal => {
    const [asked, running, ...answers] = await Promise.all([
      contract.read(),
      process?.read(signal),
      ...files.map(async ({ path, optional, cached }) => ({ path, optional, answer: await cached.read() })),
    ])
    const faults = answers.flatMap(({ path, optional, answer }) =>
      answer.ok || (optional && answer.fault.code === 'missing') ? [] : [{ path, ...answer.fault }],
    )
    if (faults.length > 0) return faulty(faults, wallClock)
    if ('status' in asked) return asked

    const read = answers.flatMap(({ path, answer }) => (answer.ok ? [{ path, ...answer }] : []))
    // the comparison with a schema may take longer than a file takes to settle
    const wereSettling = read.some(({ stamp }) => isSettling(stamp, wallClock))
    const sources = read.map(({ path, content }) => ({ path, file: content }))
    const variables = mergeFiles(sources)
    const compared = asked.schema && (await comparison.compare(asked.schema, knownValues(variables), signal))
    if (compared && compared.kind !== 'compared') return schemaProblem(config.schema ?? '', compared)
    const judged = judge(sources, asked, { ...(compared && { violations: compared.violations }) })
    const finding = unlessSettling(judged, wereSettling)
    if (!running) return finding
    if ('status' in running) return combine(finding, running)
    const expected = {
      variables,
      // A name that the files do not set is already reported as missing.
      required: mandatoryNames(asked).filter(name => variables.has(name)),
      declared: declaredNames(asked),
      writtenAtMs: Math.max(0, ...read.map(({ stamp }) => stamp.writtenAtMs)),
    }
    return combine(finding, judgeProcess(running, expected))
  }
}

const OUT_OF_TIME: EnvFinding = {
  status: 'unknown',
  reason: 'ENV_FILE_UNREADABLE',
  message: 'the environment files could not be read in time; check their file system',
}

/** `wallClock` gives milliseconds since 1970, like the times of files. */
export const createEnvCheck = (
  config: EnvConfig,
  {
    wallClock = Date.now,
    comparison = createSchemaComparison(),
  }: { readonly wallClock?: WallClock; readonly comparison?: SchemaComparison } = {},
): Check<EnvReason | GeneralReason> => {
  const run = createRun(config, { comparison, wallClock })
  return {
    async run(signal) {
      const finding = await beforeAbort(run(signal), signal)
      return finding === TIME_IS_UP ? OUT_OF_TIME : finding
    },
    [Symbol.asyncDispose]: async () => comparison[Symbol.dispose](),
  }
}
