/** What run.ts has made for all tests. */
const given = (name: string): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: run the tests by npm run test:host`)
  return value
}

/** The folder that hosts boot from. */
export const HOST_ROOT = given('HEALTH_SIDECAR_HOST_ROOT')

/** The folder of bare hosts of other systems, by their names. */
export const OTHER_ROOTS = given('HEALTH_SIDECAR_OTHER_ROOTS')

/** The package of the sidecar. */
export const DEB = given('HEALTH_SIDECAR_DEB')
