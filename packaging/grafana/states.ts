/** The states of a host, from bad to good. Its place in the list is the number that `queries.state` gives it. */
export const STATES = ['failing', 'starting', 'draining', 'holding', 'serving'] as const

/** The same color for a state wherever it is shown. */
export const colors = {
  failing: 'red',
  starting: 'blue',
  draining: 'purple',
  holding: 'orange',
  serving: 'green',
  'not scraped': '#808080',
} as const
