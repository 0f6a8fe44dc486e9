import * as program from '../../../src/checks/smoke/app-progress.ts'

export * from '../../../src/checks/smoke/app-progress.ts'

/** A request that was given up on is closed as soon as it holds back no other. */
export const createAppProgress: typeof program.createAppProgress = options => {
  const progress = program.createAppProgress(options)
  return { ...progress, mostMs: 2 * options.patienceMs }
}
