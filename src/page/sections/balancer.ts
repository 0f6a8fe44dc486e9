import { durationText } from '../../lib/duration-text.ts'
import type { ProbeSourceDocument } from '../../status/status-document.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'
import { ago } from '../times.ts'
import type { View } from '../view.ts'

const seconds = (value: number): string =>
  value < 10 ? `${value} s` : durationText(Math.round(value) * 1000)

/** After how many failures such a checker takes a host out, and how long that is. */
const noticesAfter = ({
  intervalSeconds,
  defaultUnhealthyThreshold,
}: ProbeSourceDocument): string | undefined =>
  intervalSeconds === undefined || defaultUnhealthyThreshold === undefined
    ? undefined
    : `by its default of ${defaultUnhealthyThreshold} failures it notices after about ${seconds(intervalSeconds * defaultUnhealthyThreshold)}`

const sourceItem = (source: ProbeSourceDocument, now: Date): Html => {
  const {
    address = 'a Unix socket',
    checker,
    time,
    answer,
    answersInARow = 0,
    intervalSeconds,
    closedEarly = 0,
  } = source
  const facts = [
    intervalSeconds !== undefined && `asks every ${seconds(intervalSeconds)}`,
    `last ${ago(time, now)} ago`,
    noticesAfter(source),
    closedEarly > 0 && `${closedEarly} times it closed the connection before it had an answer`,
  ].filter(fact => fact !== undefined && fact !== false)
  return html`<li>
    <p>
      <strong>${answer ?? 'no answer'}</strong>${answersInARow > 1 && ` × ${answersInARow}`} to
      <bdi>${address}</bdi>${checker !== undefined && html` (<bdi>${checker}</bdi>)`}
    </p>
    <p class="meta">${facts.join('; ')}</p>
  </li>`
}

/** Who probes, how often, and what they got. */
export const balancerSection = ({ document, now }: View): Html => {
  const sources = document.probes?.sources ?? []
  return html`<section id="balancer" aria-labelledby="balancer-title">
    <h2 id="balancer-title">What the load balancer sees</h2>
    <div class="card">
      ${
        sources.length === 0
          ? html`<p class="empty">
              No probe has come yet. Check that the host is registered with its balancer, and its security
              group.
            </p>`
          : html`<ul class="list">
              ${sources.map(source => sourceItem(source, now))}
            </ul>`
      }
    </div>
  </section>`
}
