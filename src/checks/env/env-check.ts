import { dirname } from 'node:path'
import type { Check } from '../../core/check.ts'
import type { Finding } from '../../core/finding.ts'
import { defaultDialect } from '../../env-file/dialect.ts'
import { parseEnvFile } from '../../env-file/parse-env-file.ts'
import { stampFile } from '../../env-file/read-text.ts'
import type { FileFault, FileStamp } from '../../env-file/read-text.ts'
import { SETTLING_MS, watchFile } from '../../env-file/watched-file.ts'
import { fileSource } from './config.ts'
import type { EnvConfig } from './config.ts'
import { createContract } from './contract.ts'
import { judge } from './judge.ts'

type WallClock = () => number

/** Changed a moment ago: what it lacks may still be on its way. A time in the future is no such moment. */
const isSettling = (stamp: FileStamp | undefined, wallClock: WallClock): boolean => {
  const ageMs = wallClock() - (stamp?.changedAtMs ?? -Infinity)
  return ageMs >= 0 && ageMs < SETTLING_MS
}

const faulty = async (
  faults: readonly (FileFault & { readonly path: string })[],
  wallClock: WallClock,
): Promise<Finding> => {
  const evidence = { files: faults.map(({ path }) => path) }
  const message = faults.map(fault => fault.message).join('; ')
  const missing = faults.filter(({ code }) => code === 'missing')
  if (missing.length === 0) return { status: 'unknown', reason: 'ENV_FILE_UNREADABLE', message, evidence }
  const folders = await Promise.all(missing.map(({ path }) => stampFile(dirname(path))))
  const settling = folders.every(stamp => isSettling(stamp, wallClock))
  return { status: settling ? 'unknown' : 'fail', reason: 'ENV_FILE_MISSING', message, evidence }
}

const createRun = (config: EnvConfig, wallClock: WallClock): (() => Promise<Finding>) => {
  const contract = createContract(config)
  const files = config.files.map(file => {
    const { path, dialect, optional } = fileSource(file, defaultDialect)
    return { path, optional, watched: watchFile(path, text => parseEnvFile(text, dialect), { wallClock }) }
  })

  return async () => {
    const [asked, ...answers] = await Promise.all([
      contract.read(),
      ...files.map(async ({ path, optional, watched }) => ({ path, optional, answer: await watched.read() })),
    ])
    const faults = answers.flatMap(({ path, optional, answer }) =>
      answer.ok || (optional && answer.fault.code === 'missing') ? [] : [{ path, ...answer.fault }],
    )
    if (faults.length > 0) return faulty(faults, wallClock)
    if ('status' in asked) return asked

    const read = answers.flatMap(({ path, answer }) => (answer.ok ? [{ path, ...answer }] : []))
    const finding = judge(
      read.map(({ path, content }) => ({ path, file: content })),
      asked,
    )
    if (finding.status !== 'fail' || !read.some(({ stamp }) => isSettling(stamp, wallClock))) return finding
    const message = `a file was written a moment ago and may not be whole yet: ${finding.message}`
    return { ...finding, status: 'unknown', message }
  }
}

const outOfTime = (signal: AbortSignal): Promise<Finding> =>
  new Promise(resolve => {
    const message =
      'reading the environment files did not end in time; look at the file system that they are on'
    const end = (): void => resolve({ status: 'unknown', reason: 'ENV_FILE_UNREADABLE', message })
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })

/** `wallClock` is milliseconds since 1970, as the times of files are. */
export const createEnvCheck = (
  config: EnvConfig,
  options: { readonly wallClock?: WallClock } = {},
): Check => {
  const run = createRun(config, options.wallClock ?? Date.now)
  return {
    run: signal => Promise.race([run(), outOfTime(signal)]),
    [Symbol.asyncDispose]: async () => {},
  }
}
