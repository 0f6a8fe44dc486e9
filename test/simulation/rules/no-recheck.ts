import { attribute } from '../../../src/core/dependency.ts'
import type * as program from '../../../src/monitor/attribute-failure.ts'

/** A failure is attributed by what is known of its dependencies. None of them is rechecked. */
export const attributeFailure: typeof program.attributeFailure = async (found, dependencies, { clock }) =>
  attribute(found, dependencies, clock.now())
