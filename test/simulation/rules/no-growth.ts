import * as program from '../../../src/checks/smoke/app-progress.ts'

export * from '../../../src/checks/smoke/app-progress.ts'

/** After a slow answer, the next one may take no longer than `patience`. */
export const createAppProgress: typeof program.createAppProgress = options => {
  const progress = program.createAppProgress(options)
  return { ...progress, answered: answer => progress.answered({ ...answer, afterMs: 0 }) }
}
