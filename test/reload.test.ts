import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { loadConfig } from '../src/config/load.ts'
import { ConfigError } from '../src/config/config-error.ts'
import type { LogEvent } from '../src/log/logger.ts'
import { createReload } from '../src/reload.ts'
import { createScratchDirectory } from './support/scratch-directory.ts'

const prepareConfig = async (t: Test) => {
  const scratch = await createScratchDirectory('health-sidecar-reload-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const file = join(scratch.path, 'config.yaml')
  await writeFile(file, 'checks: [{ name: page, type: tcp, target: "127.0.0.1:1" }]\n')
  return { file, config: await loadConfig(file, {}) }
}

t.test('reload › of thousands of mistakes, the first are told, and how many more there are', async t => {
  const { file, config } = await prepareConfig(t)
  const events: LogEvent[] = []
  const reload = createReload({
    inForce: () => config,
    take: async () => {},
    logger: {
      log: (_level, event) => void events.push(event),
    },
  })
  const mistakes = Array.from({ length: 3000 }, (_, i) => ({
    line: i + 1,
    column: 1,
    path: `key_${i}`,
    message: 'unknown key '.padEnd(5000, 'x'),
  }))
  const outcome = await reload.run(async () => {
    throw new ConfigError(file, mistakes)
  })
  if (outcome.kind !== 'refused') throw new Error(outcome.kind)
  t.equal(outcome.mistakes.length, 21)
  t.equal(outcome.mistakes.at(-1), 'and 2980 more; the command `config` lists them all')
  t.ok(JSON.stringify([outcome, events, reload.refusal]).length < 100_000)
})

t.test('reload › what breaks before the configuration is read is a refusal', async t => {
  const { config } = await prepareConfig(t)
  const ended: unknown[] = []
  const reload = createReload({
    inForce: () => config,
    take: async () => {},
    begin: async () => {
      throw new TypeError('no socket')
    },
    end: outcome => void ended.push(outcome.kind),
    logger: { log: () => {} },
  })
  const outcome = await reload.run(async () => config)
  t.match(outcome, {
    kind: 'refused',
    mistakes: [/^health-sidecar broke while it read the file \(TypeError/],
  })
  t.strictSame(ended, ['refused'])
})
