import type { Host } from '../../host/support/boot-host.ts'

/** Prints the first line of the answer to a probe. A bare host has no curl. */
export const PROBE = `exec 3<>/dev/tcp/127.0.0.1/80 && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3`

/** What the tests of the packages ask of the sidecar on a booted host. */
export const sidecarOn = (host: Host) => {
  const property = async (name: string, unit: string): Promise<string> =>
    (await host.sh(`systemctl show --value --property ${name} health-sidecar.${unit}`)).trim()
  return {
    /** The status that a probe is answered by. */
    probe: async (): Promise<string> => /\d{3}/.exec(await host.sh(`${PROBE} | cut -d ' ' -f 2`))?.[0] ?? '',
    /** Of the service and of the socket. */
    units: async (verb: string): Promise<readonly string[]> =>
      (await host.run(`systemctl ${verb} health-sidecar.service health-sidecar.socket`)).stdout
        .trim()
        .split('\n'),
    property,
    mainPid: () => property('MainPID', 'service'),
    /** The daemons of all services. A bare host has no pgrep. The pattern does not match the search itself. */
    processes: () => host.sh(`grep -al 'health-sidecar[.]js' /proc/[0-9]*/cmdline 2>/dev/null || true`),
    /** The first lines of the answers to probes that are sent one after the other meanwhile. */
    answersWhile: async (doing: () => Promise<unknown>): Promise<readonly string[]> => {
      await host.sh(`rm -f /root/stop; cat >/root/probe`, {
        stdin: `while [ ! -e /root/stop ]; do (${PROBE}) || echo refused; sleep 0.02; done\n`,
      })
      const probing = host.sh('bash /root/probe 2>&1', { timeoutS: 120 })
      await doing()
      await host.sh('touch /root/stop')
      return (await probing)
        .trim()
        .split('\n')
        .map(line => line.trim())
    },
  }
}
