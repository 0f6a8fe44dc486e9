// Imported first. Until something listens for SIGUSR1, Node opens its inspector on it, which anyone on the host can use. The
// launcher closes the moment before this module runs.
process.on('SIGUSR1', () => {})
