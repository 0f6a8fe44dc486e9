import { html } from '../html.ts'
import type { Html } from '../html.ts'
import { ago, clock } from '../times.ts'
import type { View } from '../view.ts'

const row = (name: string, content: Html | string): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd><bdi>${content}</bdi></dd>
  </div>`

/** Which release, on which boot, by which version. */
export const hostSection = ({ document, host, now }: View): Html =>
  html`<section id="host" aria-labelledby="host-title">
    <h2 id="host-title">This host</h2>
    <div class="card">
      <dl class="facts">
        ${row('Host', host.name)} ${document.serviceId !== undefined && row('App', document.serviceId)}
        ${row('Release', document.releaseId ?? 'not configured')} ${row('Phase', document.phase)}
        ${row('Boot', html`${ago(host.bootedAt, now)} ago, at ${clock(host.bootedAt, now)}`)}
        ${row('Sidecar', `health-sidecar ${host.version}, process ${host.pid}, up for ${ago(host.startedAt, now)}`)}
      </dl>
    </div>
  </section>`
