import { statuses } from '../core/status.ts'
import { isOneOf } from '../lib/shape.ts'

// The words of a verdict, where they come from another process.

export const isStatus = isOneOf(...statuses)
export const isVerdict = isOneOf('pass', 'warn', 'fail')
export const isPhase = isOneOf('starting', 'serving', 'draining')
