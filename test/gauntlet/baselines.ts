import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { accepts } from '../support/accepts.ts'
import { createChecks } from '../../src/checks/create-checks.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Check } from '../../src/core/check.ts'
import { createDatabases } from '../../src/postgres/databases.ts'
import type { Databases } from '../../src/postgres/databases.ts'
import { createInstanceMetadata, metadataEndpoint } from '../../src/connect/instance-metadata.ts'
import type { Target } from '../support/load-balancer.ts'

/** A health endpoint as people write them. */
interface Question extends AsyncDisposable {
  /** Whether to answer 200. */
  ask(): Promise<boolean>
}

/** Is anybody there? The socket accepts = 200. */
export const shallow = (socketPath: string): Question => ({
  ask: () => accepts({ path: socketPath }),
  async [Symbol.asyncDispose]() {},
})

/**
 * Is everything well at this moment? The very checks that health-sidecar asks, each anew at each probe; any failure is
 * 503. So what differs between the two is not what they look at, but what they make of it.
 */
export const strict = async (configFile: string): Promise<Question> => {
  const config = await loadConfig(configFile, {})
  const databases: Databases = createDatabases()
  const checks = createChecks(config.checks, {
    databases,
    metadata: createInstanceMetadata(metadataEndpoint({})),
  })
  const passes = async (check: Check, timeoutMs: number): Promise<boolean> => {
    const { status } = await check.run(AbortSignal.timeout(timeoutMs))
    return status === 'pass' || status === 'warn'
  }
  return {
    ask: async () => {
      const answers = await Promise.all(
        config.checks.map(({ name, timeout }) => passes(checks.get(name)!, timeout)),
      )
      return answers.every(Boolean)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(checks.values(), check => check[Symbol.asyncDispose]()))
      await databases[Symbol.asyncDispose]()
    },
  }
}

/** Serves a question as a process of its own would, that can be killed, and paused. */
export class Baseline implements AsyncDisposable {
  readonly #create: () => Promise<Question> | Question
  readonly #address: Target
  #question: Question | undefined
  #server: Server | undefined
  #resumed: Promise<void> = Promise.resolve()
  #resume = () => {}

  constructor(address: Target, create: () => Promise<Question> | Question) {
    this.#address = address
    this.#create = create
  }

  /** Where the question cannot be made, as with a wrong configuration, nothing listens. */
  async start(): Promise<void> {
    try {
      this.#question = await this.#create()
    } catch {
      return
    }
    const question = this.#question
    this.#server = createServer((_request, response) => {
      void this.#resumed
        .then(() => question.ask())
        .catch(() => false)
        .then(passed => response.writeHead(passed ? 200 : 503, { 'content-length': 0 }).end())
    }).listen(this.#address.port, this.#address.host)
    await once(this.#server, 'listening')
  }

  pause(): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#resumed = promise
    this.#resume = resolve
  }

  resume(): void {
    this.#resume()
  }

  async kill(): Promise<void> {
    this.#server?.closeAllConnections()
    this.#server?.close()
    this.#server = undefined
    await this.#question?.[Symbol.asyncDispose]()
    this.#question = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.resume()
    await this.kill()
  }
}
