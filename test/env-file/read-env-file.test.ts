import { execFileSync } from 'node:child_process'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { defaultDialect } from '../../src/env-file/dialect.ts'
import type { Dialect } from '../../src/env-file/dialect.ts'
import { readEnvFile } from '../../src/env-file/read-env-file.ts'
import { readVariables } from '../../src/env-file/read-variables.ts'

const faultOf = async (path: string) => {
  const answer = await readEnvFile(path, 'systemd')
  return answer.ok ? undefined : answer.fault.code
}

t.test('readEnvFile › what stands in the way is a value', async t => {
  const dir = t.testdir()
  t.equal(await faultOf(join(dir, 'none')), 'missing')
  t.equal(await faultOf(join(dir, 'none', 'deeper')), 'missing')
  mkdirSync(join(dir, 'folder'))
  t.equal(await faultOf(join(dir, 'folder')), 'not-a-file')
  execFileSync('mkfifo', [join(dir, 'pipe')])
  t.equal(await faultOf(join(dir, 'pipe')), 'not-a-file', 'and does not wait for a writer')
  writeFileSync(join(dir, 'large'), '')
  truncateSync(join(dir, 'large'), 300 * 1024)
  t.equal(await faultOf(join(dir, 'large')), 'too-large')
  t.equal(await faultOf('/proc/self/mem'), 'unreadable')
})

t.test('readEnvFile › reads a file that has no size', async t => {
  const answer = await readEnvFile('/proc/self/status', 'dotenv')
  t.ok(answer.ok && answer.file.variables.size > 0)
})

t.test('readEnvFile › keeps bytes that are not UTF-8 apart', async t => {
  const dir = t.testdir()
  const path = join(dir, 'env')
  writeFileSync(path, Buffer.from([0x41, 0x3d, 0xc3, 0xa9, 0x0a, 0x42, 0x3d, 0xff, 0x0a]))
  const dotenv = await readEnvFile(path, 'dotenv')
  t.match(dotenv.ok && dotenv.file.variables.get('A'), { kind: 'known', value: 'é' })
  t.match(dotenv.ok && dotenv.file.variables.get('B'), { kind: 'unknown' })
  const systemd = await readEnvFile(path, 'systemd')
  t.match(systemd.ok && systemd.file.problems, [{ code: 'file-refused' }])
})

t.test('readVariables › gives one value, or says why there is none, without any value', async t => {
  const path = join(t.testdir({ env: 'A=hunter2\nexport B=hunter2\nC=\n' }), 'env')
  const variableFrom = async (source: { path: string; variable: string; dialect?: Dialect }) => {
    const { path: file, variable, dialect = defaultDialect } = source
    return (await readVariables([{ path: file, dialect, optional: false }])).get(variable)
  }
  t.strictSame(await variableFrom({ path, variable: 'A' }), { ok: true, value: 'hunter2' })
  const dropped = await variableFrom({ path, variable: 'B' })
  t.match(dropped, { ok: false, code: 'not-set', message: /does not set B: line 2: systemd drops .* export/ })
  t.match(await variableFrom({ path, variable: 'C' }), { ok: false, code: 'empty' })
  t.match(await variableFrom({ path, variable: 'D' }), { ok: false, code: 'not-set' })
  t.match(await variableFrom({ path: `${path}x`, variable: 'D' }), { ok: false, code: 'missing' })
  t.strictSame(await variableFrom({ path, variable: 'B', dialect: 'dotenv' }), { ok: true, value: 'hunter2' })
  t.notMatch(JSON.stringify(dropped), 'hunter2')
})
