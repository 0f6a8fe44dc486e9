import type { Random } from '../../support/random.ts'
import type { Ledger } from '../ledger.ts'
import type { Fleet } from '../models/fleet.ts'
import type { FleetSpec } from '../models/fleet-spec.ts'
import type { Simulation } from '../simulation.ts'

/** What a fault acts on. */
export interface Scene {
  readonly simulation: Simulation
  readonly random: Random
  readonly fleet: Fleet
  readonly spec: FleetSpec
  readonly ledger: Ledger
}

/** Something that happens in a trace, with its parameters drawn. */
export interface Happening {
  /** With its parameters, for a story. */
  readonly text: string
  /** From its begin until all is as before, in milliseconds. */
  readonly durationMs: number
  begin(scene: Scene): void
}

/**
 * Whose trouble it is: of all hosts, of one host, of a new release; or of none.
 */
export type Kind = 'shared' | 'own' | 'release' | 'benign'

/** A kind of trouble. */
export interface EventType {
  readonly name: string
  readonly kind: Kind
  /** How often it is drawn, relative to the others. */
  readonly weight: number
  draw(random: Random, spec: FleetSpec): Happening
}

export const SECOND = 1000
export const MINUTE = 60 * SECOND

export const seconds = (ms: number): string =>
  ms < 2 * MINUTE ? `${Math.round(ms / SECOND)} s` : `${Math.round(ms / MINUTE)} min`
