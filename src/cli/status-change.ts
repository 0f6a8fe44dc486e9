import { answerOf } from '../core/answer.ts'
import type { CheckDocument, StatusDocument } from '../status/status-document.ts'
import { summaryOf } from '../status/summary.ts'

const checkKey = ({ status, effect, reason, cause }: CheckDocument): string =>
  [status, effect, reason, cause].join(' ')

/** The same for as long as nothing changes but times and numbers in messages. */
export const statusKey = ({
  status,
  phase,
  releaseId,
  startup,
  drain,
  notes,
  probes,
  lifecycle,
  checks,
}: StatusDocument): string =>
  JSON.stringify([
    [status, phase, releaseId, startup, drain, notes, lifecycle, probes?.lint?.map(({ code }) => code)],
    Object.entries(checks).map(([name, [check]]) => [name, checkKey(check)]),
  ])

const reasonIn = ({ reason }: CheckDocument): string => (reason === undefined ? '' : `  ${reason}`)

const changeOf = (
  name: string,
  check: CheckDocument | undefined,
  before: CheckDocument | undefined,
): string[] => {
  if (!check) return [`${name} gone`]
  if (!before) return [`${name} ${check.status}${reasonIn(check)}`]
  if (checkKey(check) === checkKey(before)) return []
  const from = check.status === before.status ? '' : `${before.status}→`
  return [`${name} ${from}${check.status}${reasonIn(check)}`]
}

/** What has changed between two looks, in a line. Without one before, where things stand. Pure. */
export const changeLine = (
  document: StatusDocument,
  { before, now }: { readonly before: StatusDocument | undefined; readonly now: Date },
): string => {
  const { state } = summaryOf(document, now)
  const { startup, releaseId, drain } = document
  const names = new Set([...Object.keys(before?.checks ?? {}), ...Object.keys(document.checks)])
  const changes = [...names].flatMap(name =>
    changeOf(name, document.checks[name]?.[0], before?.checks[name]?.[0]),
  )
  const rounds = startup ? ` ${startup.rounds}/${startup.needed}` : ''
  const release = releaseId === undefined || releaseId === before?.releaseId ? [] : [`release ${releaseId}`]
  const why = drain && drain.reason !== before?.drain?.reason ? [`(${drain.reason})`] : []
  const head = `${now.toISOString().slice(11, 19)}Z  ${state} ${answerOf(document.status)}${rounds}`
  const warned = before?.probes?.lint?.map(({ code }) => code) ?? []
  const warnings = (document.probes?.lint ?? []).flatMap(({ code }) =>
    warned.includes(code) ? [] : [`warn ${code}`],
  )
  const { targetState } = document.lifecycle ?? {}
  const moves =
    targetState === undefined || targetState === before?.lifecycle?.targetState
      ? []
      : [`group ${targetState}`]
  return [head, ...release, ...why, ...moves, ...warnings, ...changes].join('   ')
}
