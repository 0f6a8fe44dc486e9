// Keeps the page as the daemon has it: asks for it once a second, and changes only what differs. So the focus, the
// scroll position and what was unfolded stay. Without scripts, the page is as it was sent.

/** Milliseconds between two looks, while the page is visible and while it is not. */
const PERIOD_MS = 1000
const HIDDEN_PERIOD_MS = 10_000
/** A daemon that is well answers sooner. */
const LIMIT_MS = 4000
/** The next look waits for this many times as long as the last one took: a slow daemon is asked less, */
const PATIENCE = 5
/** but at least so often: soon after a daemon that hung goes on, the page does. */
const MOST_PATIENCE_MS = 5000

const PARTS = ['tab-icon', 'top', 'main']

/** @type {(node: Node) => string} */
const keyOf = node => (node instanceof Element ? node.id : '')

/** @type {(from: Node, to: Node) => boolean} */
const isSameKind = (from, to) => from.nodeName === to.nodeName && keyOf(from) === keyOf(to)

/** @type {(from: Element, to: Element) => void} */
const takeAttributes = (from, to) => {
  for (const { name, value } of to.attributes)
    if (from.getAttribute(name) !== value) from.setAttribute(name, value)
  for (const { name } of Array.from(from.attributes))
    // what the reader has unfolded stays so
    if (!to.hasAttribute(name) && name !== 'open') from.removeAttribute(name)
}

/** Replaces only the part that differs, so that what the reader has selected stays. @type {(from: Text, text: string) => void} */
const takeText = (from, text) => {
  const { data } = from
  const most = Math.min(data.length, text.length)
  let start = 0
  while (start < most && data[start] === text[start]) start += 1
  let end = 0
  while (end < most - start && data.at(-1 - end) === text.at(-1 - end)) end += 1
  from.replaceData(start, data.length - start - end, text.slice(start, text.length - end))
}

/** Makes `from` what `to` is, and keeps every node that is still there. @type {(from: Node, to: Node) => void} */
const become = (from, to) => {
  if (from.isEqualNode(to)) return
  if (from instanceof Text && to instanceof Text) return takeText(from, to.data)
  if (!(from instanceof Element && to instanceof Element)) return
  takeAttributes(from, to)
  const known = new Map([...from.children].filter(child => child.id).map(child => [child.id, child]))
  let at = from.firstChild
  for (const next of Array.from(to.childNodes)) {
    const same = keyOf(next) === '' ? at : (known.get(keyOf(next)) ?? null)
    if (same === null || !isSameKind(same, next)) {
      from.insertBefore(next, at)
      continue
    }
    if (same === at) at = at.nextSibling
    else from.insertBefore(same, at)
    become(same, next)
  }
  while (at) {
    const next = at.nextSibling
    at.remove()
    at = next
  }
}

/** @type {(id: string) => HTMLElement | null} */
const part = id => document.getElementById(id)
/** @type {(page: Document) => string} */
const headlineIn = page => page.getElementById('headline')?.textContent?.trim() ?? ''

/** @type {(text: string, id: string) => void} */
const say = (text, id) => {
  const place = part(id)
  if (!place || place.textContent === text) return
  place.textContent = text
  place.hidden = text === ''
}

let answeredAt = performance.now()
/** As the daemon sends it, for which there is no `open`. */
let last = headlineIn(document)

/** @type {(page: Document) => void} */
const take = page => {
  if (document.title !== page.title) document.title = page.title
  for (const id of PARTS) {
    const [from, to] = [part(id), page.getElementById(id)]
    if (from && to) become(from, to)
  }
  const headline = headlineIn(page)
  if (headline !== last) say(headline, 'announcement')
  last = headline
}

const look = async () => {
  const response = await fetch(location.pathname, {
    cache: 'no-store',
    signal: AbortSignal.timeout(LIMIT_MS),
  })
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const { edition } = page.documentElement.dataset
  if (!response.ok || edition === undefined) throw new Error('this is not the page')
  // another version of the daemon has another style and script
  if (edition !== document.documentElement.dataset['edition']) return location.reload()
  take(page)
  answeredAt = performance.now()
}

const tellLoss = () => {
  const seconds = Math.round((performance.now() - answeredAt) / 1000)
  const time = document.querySelector('.as-of time')?.textContent ?? 'earlier'
  const isLost = seconds >= 3
  document.documentElement.classList.toggle('is-lost', isLost)
  if (isLost) {
    // the tab of a page that nobody looks at; the next answer takes both back
    document.title = document.title.replace(/^\d+/, 'no answer')
    part('tab-icon')?.setAttribute('href', 'data:,')
  }
  say(
    isLost
      ? `No answer since ${time}. Either the daemon does not run, or the connection to it is gone, such as an SSH tunnel. What you see may have changed. Open the tunnel again, or run “health-sidecar status” on the host.`
      : '',
    'lost',
  )
}

/** @type {number | undefined} */
let timer
const follow = async () => {
  clearTimeout(timer)
  const startedAt = performance.now()
  // a daemon that restarts comes back
  await look().catch(() => {})
  tellLoss()
  const tookMs = performance.now() - startedAt
  clearTimeout(timer)
  timer = setTimeout(
    follow,
    Math.max(
      document.hidden ? HIDDEN_PERIOD_MS : PERIOD_MS - tookMs,
      Math.min(tookMs * PATIENCE, MOST_PATIENCE_MS),
      100,
    ),
  )
}

document.documentElement.classList.add('is-live')
document.addEventListener('visibilitychange', () => document.hidden || void follow())
timer = setTimeout(follow, PERIOD_MS)
