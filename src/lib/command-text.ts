/** How an operator calls a command of the program for the app of this name, or for the one without a name. */
export const commandText = (command: string, app: string | undefined): string =>
  app === undefined ? `health-sidecar ${command}` : `health-sidecar --app ${app} ${command}`
