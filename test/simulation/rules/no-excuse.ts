import * as program from '../../../src/core/dependency.ts'

export * from '../../../src/core/dependency.ts'

/** An app that has been silent since before its dependency passed again is excused for no longer than any other failure. */
export const attribute: typeof program.attribute = (finding, dependencies, now) => {
  if (finding.status !== 'fail' || finding.silentForMs === undefined)
    return program.attribute(finding, dependencies, now)
  const { silentForMs: _silentForMs, ...failure } = finding
  const attributed = program.attribute(failure, dependencies, now)
  return attributed === failure ? finding : attributed
}
