import { policyOf } from '../config/config.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { FileError, isHung } from '../files/file-error.ts'
import { readFile, statFile } from '../files/files.ts'
import { historyFileIn } from '../history/history-file.ts'
import { readRecord } from '../history/read-record.ts'
import { checkSummariesOf, policySummaryOf } from '../history/summaries.ts'
import { Replayer } from '../replay/replayer.ts'
import type { OtherConfiguration } from '../replay/sight.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import { exitCode } from './exit-code.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { replayText } from './replay-text.ts'
import type { ReplayDocument, ReplayedHistory } from './replay-text.ts'
import type { Terminal } from './terminal.ts'

/** Of one file: a month of a host that never rests. It is in memory while it is replayed. */
const MAX_FILE_BYTES = 256 * 1024 * 1024

const otherOf = (config: Config): OtherConfiguration => ({
  checks: checkSummariesOf(config),
  summary: policySummaryOf(config, { spread: 0 }),
  policyWith: ({ spread }) => policyOf(config, { spread }),
})

/** The lines of a history without an end, one by one: all of them together are long. */
function* linesIn(bytes: Buffer): Generator<string> {
  for (let begin = 0; begin < bytes.length;) {
    const newline = bytes.indexOf(10, begin)
    const end = newline < 0 ? bytes.length : newline
    if (end > begin) yield bytes.toString('utf8', begin, end)
    begin = end + 1
  }
}

/** How a file begins that gzip has compressed (RFC 1952). */
const GZIP = Buffer.of(0x1f, 0x8b)

/** A sentence: why a history cannot be read, and what to do. */
const whyUnread = (error: unknown): string => {
  const code = codeOrUnknown(error)
  if (code === 'ENOENT') return 'it does not exist: check the path'
  if (code === 'EACCES' || code === 'EPERM')
    return `this user may not read it (${code}): use sudo, or join the group of that file`
  if (code === 'NOT_A_FILE') return 'it is not a file: save the history to one'
  return error instanceof FileError ? error.message : `it cannot be read: ${code}`
}

/** Its bytes, or a sentence: why there are none. */
const readHistoryFile = async (path: string): Promise<Buffer | string> => {
  try {
    const { isDirectory } = await statFile(path)
    const file = isDirectory ? historyFileIn(path) : path
    const { bytes } = await readFile(file, { maxBytes: MAX_FILE_BYTES })
    const isGzip = bytes.subarray(0, GZIP.length).equals(GZIP)
    return isGzip ? 'it is compressed: unpack it with gunzip' : bytes
  } catch (error) {
    if (isHung(error)) throw error
    return whyUnread(error)
  }
}

const replayFile = async (path: string, other: OtherConfiguration): Promise<ReplayedHistory> => {
  const bytes = await readHistoryFile(path)
  if (typeof bytes === 'string') return { history: path, result: 'unknown', problem: bytes }
  const replayer = new Replayer(other)
  let records = 0
  let damaged = 0
  for (const line of linesIn(bytes)) {
    const record = readRecord(line)
    if (record) replayer.take(record)
    if (record) records += 1
    else damaged += 1
  }
  if (records === 0) return { history: path, result: 'unknown', problem: 'it has no record' }
  const replayed = replayer.finish()
  const limits = [
    ...(damaged > 0
      ? [
          `${damaged} ${damaged === 1 ? 'line is no record and was' : 'lines are no records and were'} passed over`,
        ]
      : []),
    ...replayed.limits,
  ]
  const { differentMs, unknownMs, sameMs } = replayed
  const isKnown = limits.length === 0 && unknownMs === 0 && sameMs > 0
  const result = differentMs > 0 ? 'different' : isKnown ? 'same' : 'unknown'
  return { history: path, result, ...replayed, limits }
}

/** One difference is enough; to be the same, every history must be. */
const resultOf = (histories: readonly ReplayedHistory[]): ReplayedHistory['result'] => {
  const has = (wanted: string) => histories.some(({ result }) => result === wanted)
  return has('different') ? 'different' : has('unknown') ? 'unknown' : 'same'
}

const codes = { same: exitCode.ok, different: exitCode.warn, unknown: exitCode.unknown }

/**
 * `health-sidecar replay`: what another configuration would have answered to recorded histories. 0: the same; 1: something else; 3: it
 * cannot be told. Throws a ConfigError.
 */
export const replayCommand = async (
  { argument: paths, config: given }: { readonly argument: readonly string[]; readonly config?: string },
  { env }: Pick<Terminal, 'env'>,
): Promise<Outcome> => {
  const config = await loadConfig(given, env)
  const other = otherOf(config)
  const histories: ReplayedHistory[] = []
  for (const path of paths) histories.push(await replayFile(path, other))
  const result = resultOf(histories)
  const document: ReplayDocument = { config: config.file, result, histories }
  return outcomeOf({ code: codes[result], document, text: replayText })
}
