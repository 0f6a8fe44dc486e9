import { answerOf } from '../core/answer.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { tabIcon } from './icons.ts'
import { balancerSection } from './sections/balancer.ts'
import { changesSection } from './sections/changes.ts'
import { checksSection } from './sections/checks.ts'
import { countdownsSection } from './sections/countdowns.ts'
import { hostSection } from './sections/host.ts'
import { verdictSection } from './sections/verdict.ts'
import { wordsSection } from './sections/words.ts'
import { clockText } from './times.ts'
import type { View } from './view.ts'

/** The page's own elements, and which edition of them it is. */
export interface Frame {
  readonly style: Html
  readonly script: Html
  /** another edition: the script loads the page again */
  readonly edition: string
}

/** The page, in the order of a look at 3 a.m. */
export const renderPage = (view: View, { style, script, edition }: Frame): Html => {
  const { document, headline, host, now } = view
  const where = document.serviceId === undefined ? host.name : `${document.serviceId} on ${host.name}`
  return html`<!doctype html>
    <html lang="en" data-edition="${edition}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${[answerOf(document.status), where, 'health-sidecar'].join(' · ')}</title>
        <link id="tab-icon" rel="icon" href="${tabIcon(headline.tone)}" />
        ${style}
      </head>
      <body>
        <a class="skip" href="#checks">Skip to the checks</a>
        <header id="top">
          <p class="name">
            <bdi>${where}</bdi>${
              document.releaseId !== undefined &&
              html` <span class="release">release <bdi>${document.releaseId}</bdi></span>`
            }
          </p>
          <p class="as-of">
            as of <time datetime="${now.toISOString()}">${clockText(now.toISOString(), now)} UTC</time>
            <a class="reload" href="">Reload</a>
          </p>
        </header>
        <p id="lost" class="lost" role="alert" hidden></p>
        <p id="announcement" class="hidden" role="status"></p>
        <main id="main">
          ${verdictSection(view)} ${changesSection(view)} ${checksSection(view)}
          <div class="below">${countdownsSection(view)} ${balancerSection(view)} ${hostSection(view)}</div>
        </main>
        <footer>${wordsSection}</footer>
        ${script}
      </body>
    </html>`
}
