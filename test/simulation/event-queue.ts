/** Something that happens at a time. An event that is disposed of stays in the queue, and does nothing. */
export class Event implements Disposable {
  /** Simulated milliseconds. */
  readonly at: number
  /** Events of the same time happen in the order in which they were added. */
  readonly order: number
  callback: (() => void) | undefined

  constructor(at: number, order: number, callback: () => void) {
    this.at = at
    this.order = order
    this.callback = callback
  }

  [Symbol.dispose](): void {
    this.callback = undefined
  }
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** A binary heap: the earliest event is on top. */
export class EventQueue {
  readonly #heap: Event[] = []
  #added = 0

  /** The next event; undefined if there is none. */
  get next(): Event | undefined {
    return this.#heap[0]
  }

  /** How many events were ever added: the order of the next one. */
  get added(): number {
    return this.#added
  }

  add(at: number, callback: () => void): Event {
    const event = new Event(at, this.#added, callback)
    this.#added += 1
    const heap = this.#heap
    let index = heap.length
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = heap[above]!
      if (!isBefore(event, parent)) break
      heap[index] = parent
      index = above
    }
    heap[index] = event
    return event
  }

  /** Takes the next event out. */
  take(): Event | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (!top || !last || top === last) return top
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const right = left + 1
      if (left >= heap.length) break
      const below = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left
      const child = heap[below]!
      if (!isBefore(child, last)) break
      heap[index] = child
      index = below
    }
    heap[index] = last
    return top
  }
}
