import { readFile } from 'node:fs/promises'

/** What differs in the units of one app of several. Each text is in the unit of the service without a name. */
const DIFFERENCES: Readonly<Record<'service' | 'socket', readonly (readonly [from: RegExp, to: string])[]>> =
  {
    service: [
      [
        /^# The service starts [^]*?(?=^\[Unit])/m,
        `# Made by the build of health-sidecar.service, which tells the reason of each line. It is for one app of several:
# health-sidecar@NAME.service runs with /etc/health-sidecar/NAME.yaml. %i is NAME, and %N is health-sidecar@NAME.
# Drop-ins for all apps are in health-sidecar@.service.d, those for one in health-sidecar@NAME.service.d.
`,
      ],
      [/for the app on this host$/m, 'for the app %i'],
      [/(?<=^ExecStart=.* )--config \S+$/m, '--app %i'],
      [/(?<=^ExecReload=.* )--config \S+$/m, '--app %i'],
      [/^#(?! Made| health| Drop).*\n/gm, ''],
    ],
    socket: [
      [
        /^# systemd holds port 80[^]*?(?=^\[Unit])/m,
        `# Made by the build of health-sidecar.socket. It is for one app of several: for nginx, which has port 80 for all of them.
`,
      ],
      [/^(Description=.*)$/m, '$1 of the app %i'],
      [
        /^# IPv4 and IPv6\.[^]*?^ListenStream=80$/m,
        `# Everybody on this host may probe, as by a port. To give the app a port, write a drop-in of health-sidecar@NAME.socket
# with \`ListenStream=8081\`.
ListenStream=/run/%N.sock
RemoveOnStop=yes`,
      ],
    ],
  }

/** The template unit for one app of several, of the unit of the service without a name. Throws if a difference has no place. */
export const templateUnit = async (type: 'service' | 'socket'): Promise<string> => {
  const single = await readFile(`systemd/health-sidecar.${type}`, 'utf8')
  return DIFFERENCES[type].reduce((text, [from, to]) => {
    const replaced = text.replace(from, to)
    if (replaced === text) throw new Error(`systemd/health-sidecar.${type} has no ${from.source}`)
    return replaced
  }, single)
}
