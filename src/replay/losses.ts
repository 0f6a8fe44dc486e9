// Sentences: why it is not known what another configuration would have answered from here on.

export const NO_RUNS =
  'this was recorded by a version that did not write down each run; what counts in a row is not known'

export const LONG = 'a record here was too long, and went without its runs'

export const BEGINS =
  'the records begin in the middle of a run; what was known by then is in a record once an hour, and none has come yet'

export const NO_START = 'the start of this daemon is not among the records'

export const DISORDER =
  'a record is not in order by its number or its times, and was passed over: the history was damaged or changed'

export const missing = (count: number): string =>
  `${count} ${count === 1 ? 'record is' : 'records are'} missing before this: they were lost or damaged`
