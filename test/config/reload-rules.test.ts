import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

const before = `
listen: 127.0.0.1:8080
path: /health
release: v1
deadline: 4s
log: { level: info, probes: none }
checks:
  - { name: page, type: smoke, target: 'http+unix:/run/app.sock' }
  - { name: boot, type: smoke, target: 'http+unix:/run/app.sock', gate: startup }
`

const scratch = await createScratchDirectory('health-sidecar-reload-rules-')
t.teardown(() => scratch[Symbol.asyncDispose]())

/** What is wrong with the configuration once it has been edited. */
const complaints = async (...edits: readonly (readonly [from: string, to: string])[]): Promise<string[]> => {
  const file = join(scratch.path, 'config.yaml')
  await writeFile(file, before)
  const inForce = await loadConfig(file, {})
  await writeFile(
    file,
    edits.reduce((text, [from, to]) => text.replace(from, to), before),
  )
  try {
    await loadConfig(file, {}, { inForce })
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message.replaceAll(file, 'config.yaml').split('\n')
  }
}

const restart = 'this cannot change while the program runs; restart it to apply the change'

t.test('reload › takes what differs in the checks and in how they count', async t => {
  t.strictSame(await complaints(), [])
  t.strictSame(
    await complaints(
      ['deadline: 4s', 'deadline: 3s'],
      ['level: info', 'level: debug'],
      ['name: page', 'name: home, interval: 5s'],
    ),
    [],
  )
})

t.test('reload › refuses what is opened once, each with its place', async t => {
  t.strictSame(await complaints(['127.0.0.1:8080', '127.0.0.1:8081'], ['probes: none', 'probes: all']), [
    `config.yaml:2:1: listen: ${restart}`,
    `config.yaml:6:21: log.probes: ${restart}`,
  ])
  t.strictSame(await complaints(['path: /health', 'path: /other']), [`config.yaml:3:1: path: ${restart}`])
  t.strictSame(await complaints(['release: v1', 'state_dir: /tmp/x']), [
    `config.yaml:1:1: release: ${restart}`,
    `config.yaml:4:1: state_dir: ${restart}`,
  ])
  t.strictSame(await complaints(['deadline: 4s', 'admin: { socket: /tmp/x }']), [
    `config.yaml:5:1: admin: ${restart}`,
  ])
  t.strictSame(await complaints(['level: info', 'file: /tmp/x']), [`config.yaml:6:8: log.file: ${restart}`])
})

t.test(
  'reload › refuses a check asked at startup only that is new or other: nobody would ask it',
  async t => {
    const why =
      'a check with `gate: startup` is new or changed, and would not run after the first pass; restart the program'
    t.strictSame(await complaints(['name: boot', 'name: other']), [
      `config.yaml:9:74: checks[1].gate: ${why}`,
    ])
    t.strictSame(await complaints(["app.sock', gate", "other.sock', gate"]), [
      `config.yaml:9:75: checks[1].gate: ${why}`,
    ])
    t.strictSame(await complaints([', gate: startup', '']), [], 'it may be asked always from now on')
  },
)

t.test('reload › a file that is wrong is refused as at a start', async t => {
  t.match(await complaints(['deadline: 4s', 'deadline: soon']), [/config.yaml:5:11: deadline: found "soon"/])
})
