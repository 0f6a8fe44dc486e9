import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { freePort } from './free-port.ts'

const program = `
  import { freePort } from '${join(import.meta.dirname, 'free-port.ts')}'
  console.log(JSON.stringify(await Promise.all(Array.from({ length: 40 }, () => freePort()))))`

/** Ports for the file that tap runs as this job. */
const portsOf = async (job: number): Promise<readonly number[]> => {
  const env = { TAP_JOB_ID: String(job) }
  const args = ['--input-type=module', '--eval', program]
  return JSON.parse((await promisify(execFile)(process.execPath, args, { env })).stdout)
}

t.test('free port › two files that run at once never get the same one', async t => {
  const [first, second] = await Promise.all([portsOf(0), portsOf(1)])
  const halfOf = (ports: readonly number[]) => new Set(ports.map(port => (port >> 1) % 2))
  t.strictSame([halfOf(first), halfOf(second)], [new Set([0]), new Set([1])])
})

t.test('free port › nobody gets the one that another got and has not listened on yet', async t => {
  const ports: number[] = []
  while (ports.length < 500) ports.push(await freePort())
  t.equal(new Set(ports).size, ports.length)
})
