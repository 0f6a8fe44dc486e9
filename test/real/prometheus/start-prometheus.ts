import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { parse, stringify } from 'yaml'
import { freePort } from '../../support/free-port.ts'
import { httpRequest } from '../../support/http-request.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { readExample } from '../examples/example.ts'

/** An alert that fires, as Prometheus would tell it to Alertmanager. */
export interface FiringAlert {
  readonly name: string
  readonly instance: string | undefined
  readonly summary: string
  readonly description: string
}

/** A real Prometheus with the rules of config/prometheus. */
export interface Prometheus {
  /** The value of each sample of an expression, now. */
  query(
    expression: string,
  ): Promise<readonly { readonly metric: Readonly<Record<string, string>>; readonly value: string }[]>
  /** The series of an expression, with a value for each second since the start. */
  range(
    expression: string,
  ): Promise<
    readonly { readonly metric: Readonly<Record<string, string>>; readonly values: readonly number[] }[]
  >
  firing(): Promise<readonly FiringAlert[]>
  /** Asks until it is so. Throws, with what is firing and pending, if it is not within the time. */
  until(isReached: () => Promise<boolean>): Promise<void>
}

const UNTIL_MS = 120_000
const POLL_MS = 200
/** Time goes so many times faster in the copies of the rules: what waits for minutes then waits for seconds. */
const FASTER = 20
const UNIT_SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600 }

/** The alerts with each `for:` divided by FASTER. Expressions stay as they are. */
const hurried = (rules: string): string =>
  rules.replaceAll(
    /(?<=^ +for: )(\d+)([mh])$/gm,
    (_, count: string, unit: string) => `${(Number(count) * (UNIT_SECONDS[unit] ?? 0)) / FASTER}s`,
  )

/** Starts it, on targets `host:port` of one job, which it scrapes once in this time. It ends with the test. */
export const startPrometheus = async (
  t: Test,
  targets: readonly string[],
  { scrapeInterval = '2s' } = {},
): Promise<Prometheus> => {
  const scratch = await createScratchDirectory('hs-prometheus-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const alerts = await readExample('prometheus/alert-rules.yaml')
  const example: { readonly rule_files: readonly string[] } = parse(
    await readExample('prometheus/scrape-ec2.yaml'),
  )
  await writeFile(join(scratch.path, 'alert-rules.yaml'), hurried(alerts))
  const recording = 'recording-rules.yaml'
  await writeFile(join(scratch.path, recording), await readExample(`prometheus/${recording}`))
  const config = join(scratch.path, 'prometheus.yml')
  await writeFile(
    config,
    stringify({
      global: { scrape_interval: scrapeInterval, scrape_timeout: scrapeInterval, evaluation_interval: '1s' },
      rule_files: example.rule_files,
      scrape_configs: [{ job_name: 'health-sidecar', static_configs: [{ targets }] }],
    }),
  )
  const port = await freePort()
  const log = join(scratch.path, 'prometheus.log')
  await using output = await open(log, 'w')
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(scratch.path, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { cwd: scratch.path, stdio: ['ignore', output.fd, output.fd] },
  )
  await once(child, 'spawn')
  const startedAt = Date.now() / 1000
  scratch.adopt(child)
  t.teardown(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })

  const get = async (path: string) => {
    const { status, body } = await httpRequest({ host: '127.0.0.1', port, path })
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`)
    return JSON.parse(body).data
  }
  interface Alert {
    readonly state: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
  }
  const all = async (): Promise<readonly Alert[]> => (await get('/api/v1/alerts')).alerts
  const untilOrThrow = async (isReached: () => Promise<boolean>, complain: () => Promise<string>) => {
    const giveUpAt = performance.now() + UNTIL_MS
    while (!(await isReached())) {
      if (performance.now() > giveUpAt) throw new Error(await complain())
      await delay(POLL_MS)
    }
  }
  await untilOrThrow(
    () =>
      get('/api/v1/alerts').then(
        () => true,
        () => false,
      ),
    () => readFile(log, 'utf8'),
  )

  return {
    query: async expression => {
      const { result } = await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)
      return result.map(
        ({
          metric,
          value,
        }: {
          readonly metric: Readonly<Record<string, string>>
          readonly value: readonly [number, string]
        }) => ({ metric, value: value[1] }),
      )
    },
    async range(expression) {
      // the last step may come after the last sample
      const end = Date.now() / 1000 + 1
      const asked = { query: expression, start: String(startedAt), end: String(end), step: '1' }
      const { result } = await get(`/api/v1/query_range?${new URLSearchParams(asked)}`)
      return result.map(
        ({
          metric,
          values,
        }: {
          readonly metric: Readonly<Record<string, string>>
          readonly values: readonly (readonly [number, string])[]
        }) => ({ metric, values: values.map(([, value]) => Number(value.replace('Inf', 'Infinity'))) }),
      )
    },
    firing: async () =>
      (await all())
        .filter(({ state }) => state === 'firing')
        .map(({ labels, annotations: { summary = '', description = '' } }) => ({
          name: labels['alertname'] ?? '',
          instance: labels['instance'],
          summary,
          description,
        })),
    until: isReached =>
      untilOrThrow(isReached, async () => `not reached; the alerts: ${JSON.stringify(await all())}`),
  }
}
