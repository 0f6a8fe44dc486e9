import { html } from './html.ts'
import type { Html } from './html.ts'

/** What a colour says, a shape says too. */
export type Tone = 'pass' | 'warn' | 'unknown' | 'fail' | 'purpose' | 'wait'

/** Paths in a square of 24. */
const shapes: Readonly<Record<Tone, string>> = {
  // a tick in a circle
  pass: 'M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22Zm-1.6 16.2-5-5 2-2 3 3 6.2-6.4 2 2Z',
  // a triangle
  warn: 'M12 1.5 23.5 22H.5ZM10.6 9l.4 6.5h2l.4-6.5Zm1.4 7.8a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3Z',
  // a question mark in a diamond
  unknown:
    'M12 .5 23.5 12 12 23.5.5 12Zm-3.4 9h2.3c.1-.8.5-1.2 1.2-1.2s1.2.4 1.2 1c0 .6-.3.9-1 1.4-.9.6-1.3 1.2-1.3 2.3v.5h2.2v-.4c0-.7.3-1 1-1.5.9-.6 1.5-1.3 1.5-2.4 0-1.7-1.4-2.9-3.5-2.9S8.7 7.6 8.6 9.5ZM12.1 14.7a1.4 1.4 0 1 0 0 2.8 1.4 1.4 0 0 0 0-2.8Z',
  // a cross in an octagon
  fail: 'M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4Zm1 5.3L6.3 8.4 9.9 12l-3.6 3.6 2.1 2.1 3.6-3.6 3.6 3.6 2.1-2.1L14.1 12l3.6-3.6-2.1-2.1L12 9.9Z',
  // two bars in a square
  purpose:
    'M4 1h16a3 3 0 0 1 3 3v16a3 3 0 0 1-3 3H4a3 3 0 0 1-3-3V4a3 3 0 0 1 3-3Zm3.5 6v10h3V7Zm6 0v10h3V7Z',
  // a clock
  wait: 'M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22Zm-1.2 4.5h2.4v6l4 2.4-1.2 2-5.2-3.1Z',
}

/** A shape beside a word, which says the same. */
export const icon = (tone: Tone): Html =>
  html`<svg class="icon ${tone}" viewBox="0 0 24 24" aria-hidden="true">
    <path fill-rule="evenodd" d="${shapes[tone]}" />
  </svg>`

const colours: Readonly<Record<Tone, string>> = {
  pass: '#2c9a62',
  warn: '#c98500',
  unknown: '#8465d6',
  fail: '#d33a30',
  purpose: '#3f7fc4',
  wait: '#3f7fc4',
}

/** The shape as the icon of the browser's tab, with the CSP source `data:`. */
export const tabIcon = (tone: Tone): string => {
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><path fill='${colours[tone]}' fill-rule='evenodd' d='${shapes[tone]}'/></svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}
