/** What a host's disk says of the app's release. */
export class Disk {
  isMigrationPending = false
  /** The names of required variables that are missing in the env file. */
  missingVariables: readonly string[] = []
  #release = 'r1'
  readonly #listeners: (() => void)[] = []

  get release(): string {
    return this.#release
  }

  set release(release: string) {
    this.#release = release
    for (const listener of this.#listeners) listener()
  }

  /** Calls back each time a release is put on the disk. */
  onRelease(listener: () => void): void {
    this.#listeners.push(listener)
  }
}
