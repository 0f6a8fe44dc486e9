import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Target } from '../support/load-balancer.ts'
import type { ScratchDirectory } from '../support/scratch-directory.ts'
import { Baseline, shallow, strict } from './baselines.ts'
import { DjangoApp } from './django-app.ts'
import { FixtureApp } from './fixture-app.ts'
import { duration, real } from './nominal-time.ts'
import { SidecarProcess } from './sidecar-process.ts'
import type { SidecarOptions } from './sidecar-process.ts'

/** What answers the balancers' probes: ours, and the two that it is compared with. */
export const systems = ['sidecar', 'strict', 'shallow'] as const
export type System = (typeof systems)[number]

const ports: Readonly<Record<System, number>> = { sidecar: 8080, strict: 8081, shallow: 8082 }

const MIGRATION = `from django.db import migrations

class Migration(migrations.Migration):
    dependencies = []
    operations = []
`

/** What differs from a good host with the configuration that README recommends. */
export interface HostOptions {
  /** Its app is Django under gunicorn with these switches, in place of the app that a scenario drives from within. */
  readonly django?: Readonly<Record<string, string>>
  /** Replaces parts of the configuration's text. */
  readonly config?: (text: string) => string
  readonly sidecar?: Partial<Pick<SidecarOptions, 'env' | 'preload' | 'unreadPipe'>>
}

/** The durations are the product's defaults, scaled. */
const configText = (directory: string, address: string): string => `
listen: ${address}:${ports.sidecar}
admin: { socket: ${directory}/admin.sock }
deadline: ${duration(4)}
release: file:${directory}/RELEASE
state_dir: ${directory}/state
hold: ${duration(900)}
startup: { healthy_threshold: 5 }
drain: { wait: ${duration(20)} }
log: { file: ${directory}/sidecar.log }
checks:
  - name: homepage
    type: smoke
    target: http+unix:${directory}/app.sock
    expect: { body: Welcome }
    depends_on: [database]
    interval: ${duration(10)}
    fresh_for: ${duration(1)}
    timeout: ${duration(2)}
    patience: ${duration(30)}
  - name: migrations
    type: migrations
    tool: django
    database: { env_file: ${directory}/env, variable: DATABASE_URL }
    apps: { catalog: ${directory}/migrations }
    interval: ${duration(15)}
    fresh_for: ${duration(15)}
    timeout: ${duration(2)}
  - name: env
    type: env
    files: [${directory}/env]
    required: [SECRET_KEY, DATABASE_URL]
    interval: ${duration(10)}
    fresh_for: ${duration(1)}
    timeout: ${duration(2)}
  - name: database
    type: postgres
    database: { env_file: ${directory}/env, variable: DATABASE_URL }
    required: false
    interval: ${duration(15)}
    fresh_for: ${duration(15)}
    timeout: ${duration(2)}
`

/** One host of a fleet: an app, its files, and what answers for it. */
export class Host implements AsyncDisposable {
  readonly directory: string
  readonly address: string
  readonly app: FixtureApp
  readonly #django: DjangoApp | undefined
  readonly sidecar: SidecarProcess
  readonly baselines: readonly Baseline[]
  readonly #config: (text: string) => string
  #variables: Record<string, string>

  constructor(
    directory: string,
    address: string,
    options: HostOptions & { readonly scratch: ScratchDirectory; readonly databaseUrl: string },
  ) {
    this.directory = directory
    this.address = address
    this.#config = options.config ?? (text => text)
    this.#variables = { SECRET_KEY: 'k'.repeat(50), DATABASE_URL: options.databaseUrl }
    this.app = new FixtureApp(join(directory, 'app.sock'), {
      envFile: this.envFile,
      databaseTimeoutMs: real(5),
    })
    const { scratch } = options
    if (options.django)
      this.#django = new DjangoApp({
        directory,
        socket: this.app.path,
        envFile: this.envFile,
        switches: options.django,
        scratch,
      })
    const configFile = join(directory, 'health-sidecar.yaml')
    this.sidecar = new SidecarProcess({
      configFile,
      address: this.target('sidecar'),
      scratch,
      ...options.sidecar,
    })
    this.baselines = [
      new Baseline(this.target('strict'), () => strict(configFile)),
      new Baseline(this.target('shallow'), () => shallow(this.app.path)),
    ]
  }

  /** Throws for a host that has another app. */
  get django(): DjangoApp {
    if (!this.#django) throw new TypeError('the app of this host is not Django')
    return this.#django
  }

  startApp(): Promise<void> {
    return (this.#django ?? this.app).start()
  }

  target(system: System): Target {
    return { host: this.address, port: ports[system] }
  }

  get envFile(): string {
    return join(this.directory, 'env')
  }

  get migrations(): string {
    return join(this.directory, 'migrations')
  }

  get latchFile(): string {
    return join(this.directory, 'state/latch.json')
  }

  readLatch(): Promise<string> {
    return readFile(this.latchFile, 'utf8')
  }

  /** Writes the files of a good release. */
  async install(): Promise<void> {
    await mkdir(this.migrations, { recursive: true })
    await writeFile(
      join(this.directory, 'health-sidecar.yaml'),
      this.#config(configText(this.directory, this.address)),
    )
    await this.release('1')
    await this.writeEnv()
    await this.ship(['0001_initial', '0002_price'])
  }

  /** Another release is on the host. */
  async release(name: string): Promise<void> {
    await writeFile(join(this.directory, 'RELEASE'), `${name}\n`)
  }

  /** The migrations that the release ships. */
  async ship(names: readonly string[]): Promise<void> {
    await rm(this.migrations, { recursive: true, force: true })
    await mkdir(this.migrations)
    await writeFile(join(this.migrations, '__init__.py'), '')
    for (const name of names) await writeFile(join(this.migrations, `${name}.py`), MIGRATION)
  }

  /** What a template would render: the variables, with changes that stay. An undefined one is left out. */
  renderEnv(changes: Readonly<Record<string, string | undefined>> = {}): string {
    const changed = Object.entries({ ...this.#variables, ...changes })
    this.#variables = Object.fromEntries(
      changed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    )
    return Object.entries(this.#variables)
      .map(([name, value]) => `${name}=${value}\n`)
      .join('')
  }

  /** Replaces the env file by rename, as consul-template does. */
  async writeEnv(changes: Readonly<Record<string, string | undefined>> = {}): Promise<void> {
    await writeFile(`${this.envFile}.new`, this.renderEnv(changes))
    await rename(`${this.envFile}.new`, this.envFile)
  }

  /** Starts what answers for the host; the app is started by itself. `now`: even while others boot. */
  async start(options: { readonly now?: boolean } = {}): Promise<void> {
    await Promise.all([this.sidecar.start(options), ...this.baselines.map(baseline => baseline.start())])
  }

  /** Starts only one of what answers for the host. */
  async startOnly(system: System): Promise<void> {
    if (system === 'sidecar') return await this.sidecar.start()
    await this.baselines[system === 'strict' ? 0 : 1]?.start()
  }

  /** Ends what answers for the host, as a crash or a restart would. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    await Promise.all([this.sidecar.end(signal), ...this.baselines.map(baseline => baseline.kill())])
  }

  /** Freezes what answers for the host. */
  freeze(): void {
    this.sidecar.signal('SIGSTOP')
    for (const baseline of this.baselines) baseline.pause()
  }

  thaw(): void {
    this.sidecar.signal('SIGCONT')
    for (const baseline of this.baselines) baseline.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw()
    await this.stop('SIGKILL')
    await this.app[Symbol.asyncDispose]()
    await this.#django?.[Symbol.asyncDispose]()
  }
}
