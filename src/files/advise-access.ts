/** systemd hides these directories from a service by `ProtectHome=`. */
const HOMES = /^\/(home|root|run\/user)\//

/** systemd gives a service a /tmp of its own by `PrivateTmp=`. */
const TMP = /^(\/var)?\/tmp\//

/** What to do about a path that this process may not read: a part of a sentence. It names what a unit of systemd needs. */
export const adviseForbidden = (path: string): string =>
  HOMES.test(path)
    ? `let the user of health-sidecar read it: ProtectHome= of its unit hides the path, so set ProtectHome=read-only`
    : `let the user of health-sidecar read it: add the group that may (stat -c %G shows it) to its unit as SupplementaryGroups=, and restart health-sidecar`

/** Why a path that others see may look missing here: `; …`, or nothing. */
export const adviseMissing = (path: string): string => {
  if (TMP.test(path))
    return `; if it exists, PrivateTmp= of one of the two units hides its /tmp: set JoinsNamespaceOf=, or move it to another directory`
  if (HOMES.test(path))
    return `; if it exists, ProtectHome= of health-sidecar's unit hides it: set ProtectHome=read-only`
  return ''
}
