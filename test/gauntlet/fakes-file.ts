import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fakes } from './fakes.ts'

/** The module to load into a process that is to see them. */
export const fakesModule = join(import.meta.dirname, 'preload.ts')

/** What the fakes of this run and its sidecars say. */
export const fakesFile = join(tmpdir(), `gauntlet-fakes-${process.pid}.json`)

// this process resolves names by it as well
process.env['GAUNTLET_FAKES'] = fakesFile

let fakes: Fakes = { hosts: {}, clockStepMs: 0 }

/** From now on this host name leads there, or nowhere. */
export const fakeHost = (name: string, address: string | null): void => {
  fakes = { ...fakes, hosts: { ...fakes.hosts, [name]: address } }
  writeFileSync(fakesFile, JSON.stringify(fakes))
}

/** From now on the wall clock is off by so many milliseconds. */
export const fakeClock = (clockStepMs: number): void => {
  fakes = { ...fakes, clockStepMs }
  writeFileSync(fakesFile, JSON.stringify(fakes))
}
