/** A mutant that cannot change what the program does. */
export interface Equivalent {
  readonly file: string
  /** The lines that the mutant touches, as one line of text. */
  readonly before: string
  /** The same with the mutant. */
  readonly after: string
  readonly why: string
}

export const equivalents: readonly Equivalent[] = [
  {
    file: 'src/core/verdict.ts',
    before: "const life: Lifecycle = { phase: 'starting', rounds: 0, needed: 1 }",
    after: "const life: Lifecycle = { phase: 'starting', rounds: 1, needed: 1 }",
    why: 'a check is judged by the phase alone, and not by the rounds',
  },
  {
    file: 'src/core/verdict.ts',
    before: "const life: Lifecycle = { phase: 'starting', rounds: 0, needed: 1 }",
    after: "const life: Lifecycle = { phase: 'starting', rounds: 0, needed: 0 }",
    why: 'a check is judged by the phase alone, and not by the rounds',
  },
  {
    file: 'src/monitor/watched-check.ts',
    before: '#generation = 0',
    after: '#generation = 1',
    why: 'only whether it has changed matters',
  },
  {
    file: 'src/monitor/watched-check.ts',
    before: 'this.#generation += 1',
    after: 'this.#generation -= 1',
    why: 'only whether it has changed matters',
  },
  {
    file: 'src/monitor/watched-check.ts',
    before:
      'if (!this.#inFlight && waitMs > 0) await new Promise<void>(resolve => void clock.after(waitMs, resolve))',
    after:
      'if (!this.#inFlight && waitMs >= 0) await new Promise<void>(resolve => void clock.after(waitMs, resolve))',
    why: 'a wait of no time',
  },
  {
    file: 'src/monitor/cadence.ts',
    before: 'const ownMs = times.get(check.name) ?? 0',
    after: 'const ownMs = times.get(check.name) ?? 1',
    why: 'every check of the policy has a time',
  },
  {
    file: 'src/monitor/cadence.ts',
    before: 'longestSilenceMs(check, running) + (answerTimesOf(running.policy).get(check.name) ?? 0),',
    after: 'longestSilenceMs(check, running) + (answerTimesOf(running.policy).get(check.name) ?? 1),',
    why: 'every check of the policy has a time',
  },
  {
    file: 'src/monitor/cadence.ts',
    before: 'if (known) return known',
    after: 'if (false) return known',
    why: 'the same times, worked out once more',
  },
  {
    file: 'src/monitor/cadence.ts',
    before: 'answerTimes.set(policy, times)',
    after: ';',
    why: 'the same times, worked out once more',
  },
  {
    file: 'src/monitor/watched-checks.ts',
    before: 'const { tookMs = 0 } = watched',
    after: 'const { tookMs = 1 } = watched',
    why: 'a run that has a finding took some time',
  },
  {
    file: 'src/monitor/monitor.ts',
    before: 'this.#startUp = undefined',
    after: ';',
    why: 'a start-up that has proved the host counts nothing more, and its round runs every check, as a refresh does',
  },
  {
    file: 'src/monitor/clock.ts',
    before: 'const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), MAX_DELAY_MS))',
    after: 'const timer = setTimeout(callback, Math.min(Math.max(delayMs, 1), MAX_DELAY_MS))',
    why: 'the shortest delay of a timer of Node is 1 ms',
  },
  {
    file: 'src/checks/env/find-violations.ts',
    before: 'allowUnionTypes: true,',
    after: 'allowUnionTypes: false,',
    why: 'it only decides what is logged, and nothing is',
  },
  {
    file: 'src/checks/env/find-violations.ts',
    before: 'addUsedSchema: false,',
    after: 'addUsedSchema: true,',
    why: 'each schema has an Ajv of its own',
  },
  {
    file: 'src/checks/env/find-violations.ts',
    before: 'if (!(error instanceof Error)) throw error',
    after: 'if (false) throw error',
    why: 'everything that is thrown there is an Error',
  },
  {
    file: 'src/checks/env/find-violations.ts',
    before: 'if (!(error instanceof Error)) throw error',
    after: 'if (!(error instanceof Error)) ;',
    why: 'everything that is thrown there is an Error',
  },
  {
    file: 'src/checks/env/flaws.ts',
    before: "else if (name === undefined) invalid.set('', rule)",
    after: "else if (false) invalid.set('', rule)",
    why: 'the last branch does the same for it: no list has its name',
  },
  {
    file: 'src/host/state-file.ts',
    before: 'if (writes.get(path) === write) writes.delete(path)',
    after: 'if (false) writes.delete(path)',
    why: 'a write that has ended delays nothing',
  },
  {
    file: 'src/host/state-file.ts',
    before: 'if (writes.get(path) === write) writes.delete(path)',
    after: 'if (writes.get(path) === write) ;',
    why: 'a write that has ended delays nothing',
  },
  {
    file: 'src/checks/env/find-violations.ts',
    before: "if ('errors' in error && Array.isArray(error.errors)) return error.errors.map(violationOf)",
    after: "if ('errors' in error || Array.isArray(error.errors)) return error.errors.map(violationOf)",
    why: 'an Error has either a list of errors or none',
  },
  {
    file: 'src/host/release.ts',
    before: 'return error instanceof FileError ? error.message : `${path} cannot be read (${code})`',
    after: 'return true ? error.message : `${path} cannot be read (${code})`',
    why: 'what reads files rejects with a FileError alone',
  },
  {
    file: 'src/checks/migrations/combine-schemas.ts',
    before: "const problems = behind.flatMap(({ outcome }) => ('status' in outcome ? [outcome.reason] : []))",
    after: 'const problems = behind.flatMap(({ outcome }) => (true ? [outcome.reason] : []))',
    why: 'a comparison that is behind has pending migrations, which decide the reason',
  },
  {
    file: 'src/checks/migrations/combine-schemas.ts',
    before: "const comparisons = judged.flatMap(({ outcome }) => ('status' in outcome ? [] : [outcome]))",
    after: 'const comparisons = judged.flatMap(({ outcome }) => (false ? [] : [outcome]))',
    why: 'no problem is left here: each of its statuses has been answered with before',
  },
  {
    file: 'src/host/follow-notices.ts',
    before: 'let hasAnswered = false',
    after: 'let hasAnswered = true',
    why: 'start sets it before the first look',
  },
  {
    file: 'src/checks/smoke/judge-failure.ts',
    before: "const packetBytes = target.protocol === 'uwsgi' ? encodePacket(variablesOf(request)).length : 0",
    after: "const packetBytes = target.protocol === 'uwsgi' ? encodePacket(variablesOf(request)).length : 1",
    why: 'it is only compared with the size of a buffer',
  },
  {
    file: 'src/checks/smoke/error-page.ts',
    before: 'if (at >= 0) return at + close.length',
    after: 'if (at > 0) return at + close.length',
    why: 'an end tag comes after its start tag',
  },
  {
    file: 'src/checks/smoke/response-reader.ts',
    before: 'else if (!understands(() => parser.execute(chunk))) outcome ??= head ? broken : malformed',
    after: 'else if (!understands(() => parser.execute(chunk))) outcome = head ? broken : malformed',
    why: 'an outcome that is there by then is the same one: only a chunk that is refused ends so',
  },
  {
    file: 'src/core/peers.ts',
    before: 'gapMs: before ? next.last.at - before.last.at : 0,',
    after: 'gapMs: before ? next.last.at - before.last.at : 1,',
    why: 'a view counts for a minute at least',
  },
  {
    file: 'src/core/peers.ts',
    before: 'gapMs: 0,',
    after: 'gapMs: 1,',
    why: 'a view counts for a minute at least',
  },
  {
    file: 'src/core/peers.ts',
    before: 'last: { known: 0, answers: [], at: now },',
    after: 'last: { known: 1, answers: [], at: now },',
    why: 'only of a sweep that is heard now it is asked how many peers there are',
  },
  {
    file: 'src/core/dependency.ts',
    before: '(finding.silentForMs ?? 0) >= passesForMs &&',
    after: '(finding.silentForMs ?? 1) >= passesForMs &&',
    why: 'what has passed for no longer than 1 ms is in its aftermath anyway',
  },
  {
    file: 'src/peers/choose-peers.ts',
    before: 'for (let i = all.length - 1; i > 0; i -= 1) {',
    after: 'for (let i = all.length + 1; i > 0; i -= 1) {',
    why: 'there is nothing to exchange past the end',
  },
  {
    file: 'src/peers/choose-peers.ts',
    before: 'for (let i = all.length - 1; i > 0; i -= 1) {',
    after: 'for (let i = all.length - 1; i >= 0; i -= 1) {',
    why: 'the first one would only be exchanged with itself',
  },
  {
    file: 'src/peers/own-address.ts',
    before: 'const ANY_PORT = 9',
    after: 'const ANY_PORT = 18',
    why: 'nothing is sent there',
  },
  {
    file: 'src/peers/own-questions.ts',
    before: 'own.delete(id)',
    after: ';',
    why: 'no other question has its id',
  },
  {
    file: 'src/host/latch.ts',
    before: 'const latchOf = (inForce: Config, peersAnswered = false): Latch | undefined => {',
    after: 'const latchOf = (inForce: Config, peersAnswered = true): Latch | undefined => {',
    why: 'without it, a latch is only compared, and not by that',
  },
  {
    file: 'src/probes/probe-source.ts',
    before: 'if (this.probes > 0) this.#gapsMs[(this.probes - 1) % GAPS] = now - this.lastAt',
    after: 'if (true) this.#gapsMs[(this.probes - 1) % GAPS] = now - this.lastAt',
    why: 'a typed array takes nothing at -1',
  },
  {
    file: 'src/metrics/collector.ts',
    before: 'if (series.length === 0) gauge.remove({})',
    after: 'if (true) gauge.remove({})',
    why: 'a series that is there is set right after it',
  },
  {
    file: 'src/replay/found.ts',
    before: "if (moreMs > 0 && own.status === 'fail' && now - since < moreMs)",
    after: "if (moreMs >= 0 && own.status === 'fail' && now - since < moreMs)",
    why: 'no time is shorter than none',
  },
  {
    file: 'src/replay/recorded.ts',
    before: 'passing === null ? undefined : { passing, lonely: lonely ? Infinity : 0 }',
    after: 'passing === null ? undefined : { passing, lonely: lonely ? Infinity : 1 }',
    why: 'one sweep alone proves nothing, and the next record has its own count',
  },
  {
    file: 'src/history/story.ts',
    before: 'const steppedMs = isRestart ? Math.min(wentMs, 0) : wentMs - (record.uptimeMs - last.uptimeMs)',
    after: 'const steppedMs = isRestart ? Math.min(wentMs, 1) : wentMs - (record.uptimeMs - last.uptimeMs)',
    why: 'a step of 1 ms is not worth a word',
  },
  {
    file: 'src/replay/replayer.ts',
    before: "if (record.event !== 'start') this.#lose(last ? NO_START : BEGINS)",
    after: 'if (true) this.#lose(last ? NO_START : BEGINS)',
    why: 'a start says all that is known',
  },
  {
    file: 'src/peers/choose-peers.ts',
    before: 'if (a !== undefined && b !== undefined) [all[i], all[j]] = [b, a]',
    after: 'if (true) [all[i], all[j]] = [b, a]',
    why: 'both places are in the list',
  },
]
