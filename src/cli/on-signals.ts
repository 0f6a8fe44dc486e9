/** Calls back for each of the signals, until it is disposed of. */
export const onSignals = (
  signals: readonly NodeJS.Signals[],
  callback: (signal: NodeJS.Signals) => void,
): Disposable => {
  for (const signal of signals) process.on(signal, callback)
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, callback)
    },
  }
}
