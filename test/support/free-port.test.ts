import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
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

/** How many files each configuration of tap runs at once. */
const jobsOf = async (folder: string): Promise<number> =>
  Number(/^jobs: (\d+)$/m.exec(await readFile(join(folder, '.taprc'), 'utf8'))?.[1])

t.test('free port › files that run at once never get the same one', async t => {
  const jobs = await Promise.all(['.', 'test/program', 'test/real', 'test/host'].map(jobsOf))
  const atOnce = Array.from({ length: Math.max(...jobs) }, (_, job) => job)
  const lanesOf = (ports: readonly number[]) => new Set(ports.map(port => (port >> 1) % atOnce.length))
  const got = await Promise.all(atOnce.map(portsOf))
  t.strictSame(
    got.map(lanesOf),
    atOnce.map(job => new Set([job])),
  )
})

t.test('free port › nobody gets the one that another got and has not listened on yet', async t => {
  const ports: number[] = []
  while (ports.length < 500) ports.push(await freePort())
  t.equal(new Set(ports).size, ports.length)
})
