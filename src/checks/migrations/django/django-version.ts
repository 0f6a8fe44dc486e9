/** Whether a Django version, such as `3.2.25` or `6.0rc1`, is older than a version of two numbers. */
export const isBefore = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [, ownMajor = '', ownMinor = '0'] = /^(\d+)(?:\.(\d+))?/.exec(version) ?? []
  return Number(ownMajor) < major || (Number(ownMajor) === major && Number(ownMinor) < minor)
}
