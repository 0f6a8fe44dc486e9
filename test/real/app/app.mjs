// The pages of the Django project that the smoke check's table asks for, as a plain Node server.
// Usage: node app.mjs SOCKET
import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'

const { SMOKE_ALLOWED_HOSTS = '', SMOKE_BREAK_IMPORT } = process.env
if (SMOKE_BREAK_IMPORT === '1') throw new Error('this release does not load')
const allowed = SMOKE_ALLOWED_HOSTS.split(',')
const welcome = '<h1>Welcome</h1>'
const html = { 'content-type': 'text/html; charset=utf-8' }

const page = (response, text, { status = 200, headers = {} } = {}) =>
  response.writeHead(status, { ...html, ...headers }).end(text)
const redirect = (response, location, status = 302) => page(response, '', { status, headers: { location } })

/** Sends the head and the first bytes, and breaks. */
const breakOff = (response, headers = {}) => {
  response.writeHead(200, { ...html, ...headers })
  response.write(welcome, () => response.socket.destroy())
}

const pages = {
  '/': (_request, response) => page(response, welcome),
  '/about/': (_request, response) => page(response, '<h1>About</h1>'),
  '/about': (_request, response) => redirect(response, '/about/', 301),
  '/error/': (_request, response) => page(response, '<h1>Server Error (500)</h1>', { status: 500 }),
  '/large/': (_request, response) => page(response, `Welcome${'.'.repeat(1_000_000)}end`),
  '/cut/': (_request, response) => breakOff(response, { 'content-length': 1000 }),
  '/break/': (_request, response) => breakOff(response),
  '/maintenance/': (_request, response) =>
    page(response, '<h1>Back soon</h1>', { status: 503, headers: { 'retry-after': '60' } }),
  '/limited/': (_request, response) => page(response, 'Slow down', { status: 429 }),
  '/encoded/': (_request, response) =>
    page(response, gzipSync(welcome), { headers: { 'content-encoding': 'gzip' } }),
  '/www/': ({ headers }, response) =>
    headers.host === 'www.octopus.energy'
      ? page(response, welcome)
      : redirect(response, 'https://www.octopus.energy/www/'),
  '/language/': (_request, response) => redirect(response, '/en-gb/language/'),
  '/en-gb/language/': (_request, response) => page(response, welcome),
  '/private/': (_request, response) => redirect(response, 'https://sso.example/authorize?state=hunter2'),
  '/delay/': ({ url }, response) =>
    setTimeout(() => page(response, welcome), Number(url.split('seconds=')[1]) * 1000),
  '/login/': (_request, response) => page(response, '<h1>403 Forbidden</h1>', { status: 403 }),
}

createServer((request, response) => {
  const { headers, url = '' } = request
  // as a virtual host that is not known
  if (!allowed.includes(headers.host)) return page(response, 'Not Found', { status: 404 })
  if (headers['x-forwarded-proto'] !== 'https')
    return redirect(response, `https://${headers.host}${url}`, 301)
  const answer = pages[url.split('?')[0]]
  return answer ? answer(request, response) : page(response, 'Not Found', { status: 404 })
}).listen(process.argv[2])
